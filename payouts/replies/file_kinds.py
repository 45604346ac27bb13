"""The kinds of proposals by which reply files, and rows of them that fit nowhere, take effect."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from payouts.formats.replies.answer import ReplyKind
from payouts.models import Outcome, ReplyFileStatus, Verdict
from payouts.replies.apply_file import APPLY, MATCH, check_application, check_match, record_file, record_match
from payouts.replies.files import ReplyRefused
from qinqing.kernel.money import yuan
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal


def _describe_change(change: dict[str, Any]) -> str:
    """Describe the rows of one meaning and outcome: how many, and their sum."""
    rows = ngettext("%(count)s row", "%(count)s rows", change["count"])
    outcome = str(Outcome(change["outcome"]).label) if change["outcome"] else ""
    total = yuan(Decimal(change["total"])) if change["total"] else ""
    counted = rows % {"count": number_format(change["count"], force_grouping=True)}
    meaning = str(Verdict(change["verdict"]).label) if change["verdict"] else ""
    return " · ".join(filter(None, (meaning, outcome, counted, total)))


def _describe_changes(changes: list[dict[str, Any]]) -> str:
    return "; ".join(map(_describe_change, changes))


def _describe_file(_proposal: Proposal) -> list[str]:
    return [
        _("Recorded are the rows that change a payout or contradict it; a contradiction moves nothing."),
        _("Compare the SHA-256 with the file as the bank gave it out, not with the copy of a colleague."),
    ]


def _describe_row(_proposal: Proposal) -> list[str]:
    return [_("What the row says is recorded as the bank’s reply to this instruction; its first meaning is kept.")]


def _list_refusals() -> dict[str, Refusal]:
    return {
        "reply_file_is_applied_by_another": ReplyRefused(
            _("You brought this file yourself; a colleague has to confirm that it is applied.")
        ),
    }


APPLY_REPLY_FILE = Kind(
    name=APPLY,
    title=gettext_lazy("application of a reply file"),
    reads="payouts.view_replyfile",
    decides="payouts.change_replyfile",
    terms=(
        Term("status", gettext_lazy("status"), lambda value: str(ReplyFileStatus(value).label)),
        Term("sha256", "SHA-256"),
        Term("kind", gettext_lazy("kind of file"), lambda value: str(ReplyKind(value).label)),
        Term("rows", gettext_lazy("rows"), lambda value: number_format(value, force_grouping=True)),
        Term("changes", gettext_lazy("rows by what they mean"), _describe_changes),
        Term("brought_by", gettext_lazy("uploaded by")),
    ),
    url_name="admin:payouts_replyfile_change",
    consequences=_describe_file,
    refusals=_list_refusals,
    check=check_application,
    follow_up=record_file,
)

MATCH_REPLY_LINE = Kind(
    name=MATCH,
    title=gettext_lazy("row of a reply file that fits nowhere"),
    reads="payouts.view_replyfile",
    decides="payouts.change_replyfile",
    terms=(
        Term("instruction", gettext_lazy("instruction")),
        Term("verdict", gettext_lazy("meaning"), lambda value: str(Verdict(value).label)),
        Term("written_id", gettext_lazy("end-to-end id in the file")),
        Term("said", gettext_lazy("the bank’s word")),
        Term("outcome", gettext_lazy("outcome"), lambda value: str(Outcome(value).label)),
        Term("amount", gettext_lazy("amount")),
        Term("bank_reference", gettext_lazy("bank reference")),
        Term("file", gettext_lazy("reply file")),
        Term("row", gettext_lazy("row")),
        Term("brought_by", gettext_lazy("uploaded by")),
    ),
    url_name="admin:payouts_replyline_change",
    consequences=_describe_row,
    check=check_match,
    follow_up=record_match,
)
