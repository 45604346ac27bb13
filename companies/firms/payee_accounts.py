"""The owner of a company enters the account to which its money goes."""

from __future__ import annotations

import datetime as dt
import re

import structlog
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.datasets.column_types import is_account_number
from companies.datasets.sealing import ACCOUNT_NUMBER, account_identity
from companies.models import Company, PayeeAccount, User
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.identifiers import is_card_number
from qinqing.kernel.refusals import NotAllowed, Refusal
from qinqing.kernel.secrets import fingerprint
from qinqing.kernel.text import mask

BANK_NUMBER_RULE = gettext_lazy(
    "A bank number has 12 digits and belongs to the branch. Ask your bank, or look it up in its app or online bank."
)
ACCOUNT_NUMBER_RULE = gettext_lazy("An account number has 8 to 32 digits and nothing else; look at the bank's paper.")
# Card numbers begin with 62 and pass the Luhn test; for other accounts the banks share no test.
_CARD = re.compile("62[0-9]{14,17}")
BANK_NUMBER_FORM = re.compile("[0-9]{12}")
# Control characters: no name has them, and a bank's file would not keep them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")

log = structlog.get_logger(__name__)


class WrongAccount(Refusal):
    """No bank can have an account like this."""


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
    Make this the account that the company's money goes to; the one in use until now is kept, inactive.

    The same account again makes no other; either way no delivery replaces what the owner said. Payments already on
    their way go where they were sent.

    Raises:
        WrongAccount: the bank number or the account number has no possible form, a card number's check digit does
            not fit, or a name is missing.
        NotTheirs: the actor is no acceptor of the company.
    """
    refuse_wrong_account(holder_name=holder_name, bank_name=bank_name, bank_number=bank_number, number=number)
    names = {"holder_name": holder_name.strip(), "bank_name": bank_name.strip(), "bank_number": bank_number}
    number_hash = fingerprint(number)
    no_acceptor = NotTheirs(_("Only an acceptor of the firm changes its account; “Members” names them."))
    with translate_refusals({"payee_account_is_told_by_an_acceptor": no_acceptor}):
        # The company is locked, so that two owners who replace the account at the same time do so one after the other.
        Company.objects.select_for_update().get(pk=company.pk)
        active = company.accounts.filter(is_active=True)
        same = active.filter(number_hash=number_hash, **names).first()
        if same is not None:
            return _confirm_as_payees_word(same, actor, now)
        active.update(is_active=False)
        account = company.accounts.create(
            number_encrypted=ACCOUNT_NUMBER.seal(number, account_identity(company.credit_code, number_hash)),
            number_hash=number_hash,
            number_masked=mask(number),
            entered_at=now,
            entered_by=actor,
            is_payees_word=True,
            **names,
        )
    log.info("account.replaced", company=company.credit_code, account=account.pk, actor=actor.pk)
    return account


def _confirm_as_payees_word(account: PayeeAccount, actor: User, now: dt.datetime) -> PayeeAccount:
    """Note that the payee has confirmed an account that a department delivered."""
    if not account.is_payees_word:
        account.is_payees_word, account.entered_at, account.entered_by = True, now, actor
        account.save(update_fields=["is_payees_word", "entered_at", "entered_by"])
        log.info("account.confirmed", account=account.pk, actor=actor.pk)
    return account


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
    if not is_account_number(number):
        raise WrongAccount(str(ACCOUNT_NUMBER_RULE))
    if _CARD.fullmatch(number) and not is_card_number(number):
        raise WrongAccount(_("A digit of this card number is wrong: its check digit does not fit. Compare it."))
