"""The owner of a company enters the account to which its money goes."""

from __future__ import annotations

import datetime as dt
import re

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.classifications.banks import fits_bank
from companies.classifications.names import normalise_name
from companies.datasets.column_types import is_account_number
from companies.datasets.sealing import ACCOUNT_NUMBER, account_identity
from companies.models import Company, Employee, PayeeAccount, User
from companies.models.account import Confirmation, Doubt
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.identifiers import is_card_number
from qinqing.kernel.refusals import NotAllowed, Refusal
from qinqing.kernel.secrets import fingerprint
from qinqing.kernel.text import mask

BANK_NUMBER_RULE = gettext_lazy(
    "A bank number has 12 digits and belongs to the branch. Ask your bank, or look it up in its app or online bank."
)
ACCOUNT_NUMBER_RULE = gettext_lazy("An account number has 8 to 32 digits and nothing else; look at the bank's paper.")
OTHER_BANK = gettext_lazy("The bank number is another bank’s than the one you name; compare both.")
# Card numbers begin with 62 and pass the Luhn test; for other accounts the banks share no test.
_CARD = re.compile("62[0-9]{14,17}")
BANK_NUMBER_FORM = re.compile("[0-9]{12}")
# Control characters: no name has them, and a bank's file would not keep them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")

log = structlog.get_logger(__name__)


class WrongAccount(Refusal):
    """No bank can have an account like this."""


class NothingWaits(Refusal):
    """The account does not wait any more."""


class NeedsOfficials(Refusal):
    """The firm's own confirmation is not enough for this account."""


class NotTheirs(NotAllowed):
    """The person does not sign for the firm, so the person does not tell its account."""


def replace_account(
    *,
    company: Company,
    holder_name: str,
    bank_name: str,
    bank_number: str,
    number: str,
    actor: User,
    now: dt.datetime,
) -> PayeeAccount:
    """
    Enter an account for the company's money. The first one is used at once; any other waits until it is confirmed.

    An account whose holder is not called as the firm is registered waits for two officials. The account in use stays in
    use meanwhile; the same account again makes no other, and no delivery replaces what the owner said. An account that
    waited until now is withdrawn.

    Raises:
        WrongAccount: the bank number or the account number has no possible form, the bank number is another bank's, a
            card number's check digit does not fit, or a name is missing.
        NotTheirs: the actor is no acceptor of the company.
    """
    refuse_wrong_account(holder_name=holder_name, bank_name=bank_name, bank_number=bank_number, number=number)
    names = {"holder_name": holder_name.strip(), "bank_name": bank_name.strip(), "bank_number": bank_number}
    number_hash = fingerprint(number)
    no_acceptor = NotTheirs(_("Only an acceptor of the firm changes its account; “Members” names them."))
    with translate_refusals({"payee_account_is_told_by_an_acceptor": no_acceptor}):
        # The company is locked, so that two owners who replace the account at the same time do so one after the other.
        company = Company.objects.select_for_update().get(pk=company.pk)
        active = company.accounts.filter(is_active=True)
        same = active.filter(number_hash=number_hash, **names).first()
        if same is not None:
            return _note_payees_word(same, actor, now)
        waiting = company.accounts.filter(usable_from=None, stopped_at=None)
        waiting.update(stopped_at=now, stopped_by=actor)
        doubt = _find_doubt(company, holder_name, is_first=not active.exists())
        account = company.accounts.create(
            number_encrypted=ACCOUNT_NUMBER.seal(number, account_identity(company.credit_code, number_hash)),
            number_hash=number_hash,
            number_masked=mask(number),
            entered_at=now,
            entered_by=actor,
            is_payees_word=True,
            doubt=doubt,
            is_active=not doubt,
            usable_from=None if doubt else now,
            **names,
        )
    log.info("account.entered", company=company.credit_code, account=account.pk, doubt=doubt, actor=actor.pk)
    return account


def _find_doubt(company: Company, holder_name: str, *, is_first: bool) -> str:
    if normalise_name(holder_name) != normalise_name(company.name):
        return Doubt.HOLDER
    return "" if is_first else Doubt.CHANGED


def _note_payees_word(account: PayeeAccount, actor: User, now: dt.datetime) -> PayeeAccount:
    """Note that the payee has named the account that a department delivered."""
    if not account.is_payees_word:
        account.is_payees_word, account.entered_at, account.entered_by = True, now, actor
        account.save(update_fields=["is_payees_word", "entered_at", "entered_by"])
        log.info("account.named_by_payee", account=account.pk, actor=actor.pk)
    return account


@transaction.atomic
def confirm_account(
    *, company: Company, account_id: int, confirmation: Confirmation, actor: User, now: dt.datetime
) -> PayeeAccount:
    """
    Confirm an account of the company that waits; it takes the place of the one in use, and is paid after its cool-off.

    The caller has seen what `confirmation` says: a fresh second factor of a member of the firm.

    Raises:
        NothingWaits: it was confirmed or stopped meanwhile, or there is none.
        NeedsOfficials: its holder is not called as the firm is registered, so two officials look at it.
    """
    Company.objects.select_for_update().get(pk=company.pk)
    account = company.accounts.filter(pk=account_id, usable_from=None, stopped_at=None).first()
    if account is None:
        raise NothingWaits(_("This account was confirmed or stopped meanwhile."))
    refusal = NeedsOfficials(
        _("The account holder is not called as your firm is registered, so an official looks at the account first.")
    )
    with translate_refusals({"payee_account_is_confirmed_before_use": refusal}):
        put_in_use(account=account, confirmation=confirmation, actor=actor, now=now)
    return account


def put_in_use(*, account: PayeeAccount, confirmation: Confirmation, actor: User, now: dt.datetime) -> None:
    """Put a confirmed account in the place of the one in use; the caller has locked its payee."""
    _accounts_of_payee(account).filter(is_active=True).update(is_active=False)
    cool_off = dt.timedelta(hours=settings.ACCOUNT_COOL_OFF_HOURS) if account.doubt else dt.timedelta()
    account.is_active, account.usable_from = True, now + cool_off
    account.confirmation, account.confirmed_at, account.confirmed_by = confirmation, now, actor
    account.save(update_fields=["is_active", "usable_from", "confirmation", "confirmed_at", "confirmed_by"])
    log.info("account.confirmed", account=account.pk, confirmation=str(confirmation), actor=actor.pk)


@transaction.atomic
def stop_account(*, account_id: int, company: Company | None = None, actor: User, now: dt.datetime) -> PayeeAccount:
    """
    Stop an account before its first use; the one that was in use before it is in use again.

    A member of the firm names the `company`; an official stops the account of any payee.

    Raises:
        NothingWaits: it is in use by now, or was stopped meanwhile.
    """
    accounts = PayeeAccount.objects.filter(stopped_at=None, third_party=None).exclude(usable_from__lte=now)
    found = accounts.filter(pk=account_id, **({"company": company} if company else {})).first()
    account = accounts.filter(pk=account_id).first() if found and _lock_payee(found) else None
    if account is None:
        raise NothingWaits(_("This account is in use already, or was stopped meanwhile. Enter the right one instead."))
    was_active = account.is_active
    account.is_active, account.stopped_at, account.stopped_by = False, now, actor
    account.save(update_fields=["is_active", "stopped_at", "stopped_by"])
    if was_active:
        usable = _accounts_of_payee(account).filter(stopped_at=None, usable_from__lte=now)
        earlier = usable.order_by("-usable_from", "-pk").values("pk")[:1]
        PayeeAccount.objects.filter(pk__in=earlier).update(is_active=True)
    log.warning("account.stopped", account=account.pk, actor=actor.pk)
    return account


def _lock_payee(account: PayeeAccount) -> Company | Employee:
    if account.company_id:
        return Company.objects.select_for_update().get(pk=account.company_id)
    return Employee.objects.select_for_update().get(pk=account.employee_id)


def _accounts_of_payee(account: PayeeAccount) -> QuerySet[PayeeAccount]:
    return PayeeAccount.objects.filter(
        company=account.company_id, employee=account.employee_id, third_party=account.third_party_id
    )


def refuse_wrong_account(*, holder_name: str, bank_name: str, bank_number: str, number: str) -> None:
    """
    Refuse an account that no bank can have.

    Raises:
        WrongAccount: a name is missing, or a number has no possible form.
    """
    if not (holder_name.strip() and bank_name.strip()):
        raise WrongAccount(_("Give the account holder's name and the bank's name."))
    if _CONTROL.search(holder_name.strip()) or _CONTROL.search(bank_name.strip()):
        raise WrongAccount(_("The holder's and the bank's name hold no line breaks or other control characters."))
    if not BANK_NUMBER_FORM.fullmatch(bank_number):
        raise WrongAccount(str(BANK_NUMBER_RULE))
    if not fits_bank(bank_number=bank_number, bank_name=bank_name):
        raise WrongAccount(str(OTHER_BANK))
    if not is_account_number(number):
        raise WrongAccount(str(ACCOUNT_NUMBER_RULE))
    if _CARD.fullmatch(number) and not is_card_number(number):
        raise WrongAccount(_("A digit of this card number is wrong: its check digit does not fit. Compare it."))
