"""The register of third parties that are paid for firms; the person who enters an account does not check it."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from companies.datasets.sealing import ACCOUNT_NUMBER, account_identity
from companies.firms.payee_accounts import put_in_use, refuse_wrong_account
from companies.models import PayeeAccount, ThirdParty, User
from companies.models.account import Confirmation, Doubt
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.identifiers import is_credit_code
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.secrets import fingerprint
from qinqing.kernel.text import mask

log = structlog.get_logger(__name__)


class WrongPayee(Refusal):
    """The data entered about a third party cannot be right."""


class CheckedByMaker(Refusal):
    """The person who entered an account does not check it."""


class NothingToCheck(Refusal):
    """Somebody has checked the account or turned it down already."""


@transaction.atomic
def enter_account(
    *,
    code: str,
    name: str,
    kind: str,
    bank_name: str,
    bank_number: str,
    number: str,
    actor: User,
    now: dt.datetime,
) -> PayeeAccount:
    """
    Enter a third party, unless the register has it, with an account; nothing is paid to it before it is checked.

    Raises:
        WrongPayee: the credit code's check digit does not fit, or the register has it under another name.
        WrongAccount: as for a company's account.
    """
    if not is_credit_code(code):
        raise WrongPayee(_("A digit of this credit code is wrong: its check digit does not fit. Compare it."))
    refuse_wrong_account(holder_name=name, bank_name=bank_name, bank_number=bank_number, number=number)
    payee, _is_new = ThirdParty.objects.get_or_create(
        code=code, defaults={"name": name.strip(), "kind": kind, "entered_at": now, "entered_by": actor}
    )
    if payee.name != name.strip():
        raise WrongPayee(_("The register has this credit code as “%(name)s”; its account has that holder.") % {
            "name": payee.name
        })  # fmt: skip
    number_hash = fingerprint(number)
    account = payee.accounts.create(
        holder_name=payee.name,
        bank_name=bank_name.strip(),
        bank_number=bank_number,
        number_encrypted=ACCOUNT_NUMBER.seal(number, account_identity(code, number_hash)),
        number_hash=number_hash,
        number_masked=mask(number),
        is_active=False,
        doubt=Doubt.CHANGED if payee.accounts.filter(is_active=True).exists() else "",
        entered_at=now,
        entered_by=actor,
    )
    log.info("third_party_account.entered", payee=code, account=account.pk, actor=actor.pk)
    return account


@transaction.atomic
def check_account(*, account_id: int, actor: User, now: dt.datetime) -> PayeeAccount:
    """
    Put an entered account in use; another one than before is paid after its cool-off.

    Raises:
        CheckedByMaker: the actor entered it.
        NothingToCheck: it was checked or turned down meanwhile.
    """
    account = _lock_unchecked(account_id)
    account.checked_by, account.checked_at = actor, now
    same = CheckedByMaker(_("You entered this account; somebody else has to check it."))
    promises = ("payee_account_is_checked_by_another_person", "payee_account_is_confirmed_by_another_person")
    with translate_refusals(dict.fromkeys(promises, same)):
        account.save(update_fields=["checked_by", "checked_at"])
        put_in_use(account=account, confirmation=Confirmation.OFFICIALS, actor=actor, now=now)
    log.info("third_party_account.checked", account=account.pk, actor=actor.pk)
    return account


@transaction.atomic
def turn_down_account(*, account_id: int, actor: User) -> None:
    """
    Delete an entered account that nobody has checked; the person who entered it may do so too.

    Raises:
        NothingToCheck: it was checked or turned down meanwhile.
    """
    account = _lock_unchecked(account_id)
    log.info("third_party_account.turned_down", account=account.pk, maker=account.entered_by_id, actor=actor.pk)
    account.delete()


def _lock_unchecked(account_id: int) -> PayeeAccount:
    # The payee is locked first, so that two accounts of one payee are checked one after the other.
    payee = ThirdParty.objects.filter(accounts=account_id).select_for_update().first()
    waiting = PayeeAccount.objects.filter(pk=account_id, third_party=payee, checked_by=None)
    account = waiting.select_for_update().first() if payee else None
    if account is None:
        raise NothingToCheck(_("This account was checked or turned down meanwhile."))
    return account
