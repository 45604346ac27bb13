"""The account and the channel of a bank: one person proposes what they become, and a second one confirms it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import of_whole_city
from payouts.batches.assemble import BatchUnderWay
from payouts.models import Bank
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

KIND: Final = "bank_account"
# The number of a bank that is still to be entered.
NEW: Final = 0
TERMS: Final = (
    *("name", "channel", "payer_name", "payer_account", "payer_bank_number"),
    *("template", "reply_template", "answer_days"),
)
_LAYOUTS: Final = ("template", "reply_template")


class NothingChanges(Refusal):
    """The proposal would leave everything as it is."""


class NameTaken(Refusal):
    """Another bank has the name."""


class LayoutNotInUse(Refusal):
    """A layout of the bank is a draft or retired."""


@of_whole_city
def propose_bank_terms(
    *,
    bank: Bank | None,
    terms: Mapping[str, Any],
    because: str,
    document_number: str = "",
    actor: User,
    now: datetime,
) -> Proposal:
    """
    Propose the terms of a bank, by the names of its fields; without a bank a new one is entered.

    Raises:
        NothingChanges: the bank has these terms already.
        NameTaken: another bank has the name.
        LayoutNotInUse: a layout is a draft or retired.
        BatchUnderWay: the channel would change while payments of a fund of the bank are on their way, or the account
            while a batch is open, sealed or approved.
        NoReason, AlreadyProposed: as `propose` says.
    """
    number = bank.pk if bank else NEW
    after = _as_stored(Bank(**terms))
    if bank and after == _as_stored(bank):
        raise NothingChanges(_("The bank has these terms already; change one of them."))
    if Bank.objects.filter(name=after["name"]).exclude(pk=number).exists():
        raise _name_taken()
    return propose(
        kind=KIND,
        subject_id=number,
        subject_name=str(bank or after["name"]),
        after=after,
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )


def list_refusals() -> dict[str, Refusal]:
    """The sentences of the promises that a proposal or its confirmation may break."""
    tied = BatchUnderWay(
        _("Payments over this bank are on their way. Its channel changes once they are paid or cancelled, its account"
          " once no batch waits for its release.")
    )  # fmt: skip
    not_in_use = LayoutNotInUse(_("Choose layouts that are in use; two people take a draft into use."))
    return {
        "bank_keeps_its_channel": tied,
        "bank_has_layouts_in_use": not_in_use,
        "payouts_bank_name_key": _name_taken(),
    }


def _as_stored(bank: Bank) -> dict[str, Any]:
    """The terms of a bank by the names of their columns."""
    columns = (f"{name}_id" if name in _LAYOUTS else name for name in TERMS)
    return {column: getattr(bank, column) for column in columns}


def _name_taken() -> NameTaken:
    return NameTaken(_("Another bank has this name; give this one another."))
