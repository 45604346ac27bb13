"""An account that waits is put in use by two officials: one proposes it, another confirms it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from companies.firms.payee_accounts import NothingWaits
from companies.models import PayeeAccount, User
from companies.models.account import Doubt
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

KIND = "payee_account"
_STATES = {
    "waiting": gettext_lazy("waits"),
    "confirmed": gettext_lazy("in use after its cool-off"),
    "stopped": gettext_lazy("stopped"),
}


def propose_account(
    *, account_id: int, because: str, document_number: str = "", actor: User, now: dt.datetime
) -> Proposal:
    """
    Propose to put an account that waits in use; nothing changes until another official confirms it.

    Raises:
        NoReason: `because` is blank.
        NothingWaits: it was confirmed or stopped meanwhile.
        AlreadyProposed: the same is proposed already.
        Concerned: the actor entered the account, or acts for the firm.
    """
    account = PayeeAccount.objects.filter(pk=account_id, usable_from=None, stopped_at=None, third_party=None).first()
    if account is None:
        raise NothingWaits(_("This account was confirmed or stopped meanwhile."))
    return propose(
        kind=KIND,
        subject_id=account.pk,
        subject_name=f"{account.holder_name} · {account}",
        after={
            "state": "confirmed",
            "in_use": f"{account.bank_name} {account.number_masked}",
            "cool_off_seconds": settings.ACCOUNT_COOL_OFF_HOURS * 3600,
        },
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )


def _check_waits(proposal: Proposal) -> None:
    if not PayeeAccount.objects.filter(pk=proposal.subject_id, usable_from=None, stopped_at=None).exists():
        raise NothingWaits(_("This account was confirmed or stopped meanwhile."))


def _describe_consequences(proposal: Proposal) -> list[str]:
    account = PayeeAccount.objects.get(pk=proposal.subject_id)
    others = PayeeAccount.objects.filter(number_hash=account.number_hash, is_active=True).exclude(pk=account.pk).count()
    told = [
        _("The payee’s money goes to this account after its cool-off; until then any member of the firm may stop it."),
        _("Compare it with the paper, digit by digit; your name stays with it."),
    ]
    if others:
        told.insert(0, ngettext(
            "%(count)d other payee collects on this number.", "%(count)d other payees collect on this number.", others
        ) % {"count": others})  # fmt: skip
    return told


def _refusals() -> dict[str, Refusal]:
    gone = NothingWaits(_("This account was confirmed or stopped meanwhile."))
    return dict.fromkeys(("payee_account_that_was_stopped_stays_so", "payee_account_is_confirmed_once"), gone)


def _word(words: dict[str, Any]) -> Callable[[Any], str]:
    return lambda value: str(words.get(value, value))


PAYEE_ACCOUNT = Kind(
    name=KIND,
    title=gettext_lazy("account of a payee"),
    reads="companies.view_payeeaccount",
    decides="companies.change_payeeaccount",
    terms=(
        Term("registered", gettext_lazy("registered name")),
        Term("holder", gettext_lazy("account holder")),
        Term("bank", gettext_lazy("bank")),
        Term("number", gettext_lazy("account number")),
        Term("doubt", gettext_lazy("why it waits"), _word(dict(Doubt.choices))),
        Term("state", gettext_lazy("state"), _word(_STATES)),
        Term("in_use", gettext_lazy("account in use")),
        Term("cool_off_seconds", gettext_lazy("cool-off (hours)"), lambda value: f"{float(value) / 3600:g}"),
    ),
    url_name="admin:companies_payeeaccount_change",
    consequences=_describe_consequences,
    refusals=_refusals,
    check=_check_waits,
)
