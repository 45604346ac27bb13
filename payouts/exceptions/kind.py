"""The kind of proposals about payouts of which only a file says that the bank did not pay them."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payouts.exceptions.outstanding import KIND, finish_repetition, list_refusals
from payouts.models import Outcome
from payouts.states import Status
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal
from qinqing.proposals.terms import describe_yuan


def _describe_consequences(proposal: Proposal) -> list[str]:
    told = _("You confirm that the bank has not paid this and will not pay it: ask the bank, not the file.")
    if proposal.after == {"status": Status.CANCELLED.value}:
        return [told, _("The payout is cancelled, and the firm can claim again while the policy’s window is open.")]
    return [told, _("It gets a new instruction over the same channel, to the account that is in use now.")]


RETRY_AFTER_FILE = Kind(
    name=KIND,
    title=gettext_lazy("payment that only a file says was not made"),
    reads="payouts.view_payout",
    decides="payouts.change_payout",
    terms=(
        Term("status", gettext_lazy("status"), lambda value: str(Status(value).label)),
        Term("amount", gettext_lazy("amount"), describe_yuan),
        Term("payee", gettext_lazy("account")),
        Term("attempt", gettext_lazy("end-to-end id")),
        Term(
            "valid_until",
            gettext_lazy("valid until"),
            lambda value: str(localize(localtime(datetime.fromisoformat(value)))),
        ),
        Term("outcome", gettext_lazy("the file says"), lambda value: str(Outcome(value).label)),
        Term("reason", gettext_lazy("reason")),
        Term("file", gettext_lazy("reply file")),
        Term("row", gettext_lazy("row")),
        Term("brought_by", gettext_lazy("uploaded by")),
        Term("applied_by", gettext_lazy("applied by")),
    ),
    url_name="admin:payouts_payout_change",
    consequences=_describe_consequences,
    refusals=list_refusals,
    follow_up=finish_repetition,
)
