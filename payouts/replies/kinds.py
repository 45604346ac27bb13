"""The kind of proposals that say whether the bank made a payment."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payouts.ledger.stored_text import describe_contradiction
from payouts.models import Reply
from payouts.replies.clarify import FINDING_KIND, list_finding_refusals, settle_found_payment
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal


def _describe_verdict(was_paid: bool) -> str:  # noqa: FBT001 - a value of the proposal
    return _("The bank paid it.") if was_paid else _("The bank did not pay it.")


def _describe_consequences(proposal: Proposal) -> list[str]:
    reply = Reply.objects.select_related("instruction__payout").get(pk=proposal.subject_id)
    assert proposal.after is not None
    follows = _describe_payment() if proposal.after["was_paid"] else _describe_non_payment()
    return [describe_contradiction(reply), *follows]


def _describe_payment() -> list[str]:
    return [
        _("A payout that was refused, sent back or waits to be sent counts as paid, and is booked as paid."),
        _("So does one that was cancelled: its money is taken out of what its fund has available. If nobody is entitled"
          " to it, have the payout checked and demand the money back."),
    ]  # fmt: skip


def _describe_non_payment() -> list[str]:
    return [
        _("The payout can be paid again or cancelled. If the bank did pay it after all, the money goes out twice:"
          " ask the bank yourself with the end-to-end id before you confirm."),
    ]  # fmt: skip


FINDING = Kind(
    name=FINDING_KIND,
    title=gettext_lazy("finding about a payment"),
    reads="payouts.view_finding",
    decides="payouts.change_finding",
    terms=(Term("was_paid", gettext_lazy("what the bank says"), _describe_verdict),),
    url_name="admin:payouts_reply_change",
    consequences=_describe_consequences,
    refusals=list_finding_refusals,
    follow_up=settle_found_payment,
)
