"""The steps of a payout, with the persons, the file and the row that caused each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from payouts.ledger.stored_text import translate_reason
from payouts.models import Payout, ReplyLine
from payouts.states import ROLE_WORDS, Role, Status
from qinqing.kernel.text import disarm_formulas


@dataclass(frozen=True, slots=True)
class PayoutStep:
    """A step; `source` names the file and the row that say so, empty where no file did."""

    at: datetime
    status: str
    by: str
    reason: str
    source: str


def list_steps(*, payout: Payout) -> Iterator[PayoutStep]:
    """List the steps of a payout in their order."""
    steps = payout.transitions.select_related(
        "moved_by", "reply__line__file__uploaded_by", "reply__line__file__applied_by", "reply__line__decided_by"
    )
    for step in steps.order_by("sequence"):
        yield PayoutStep(
            at=step.moved_at,
            status=str(Status(step.after).label),
            by=str(step.moved_by or ROLE_WORDS[Role(step.moved_as)]),
            reason=translate_reason(step.moved_because),
            source=_describe_source(step.reply.line) if step.reply and step.reply.line else "",
        )


def step_rows(*, payout: Payout) -> Iterator[tuple[str, ...]]:
    """Yield a row of titles, and then a row for each step, for a spreadsheet."""
    yield (_("At"), _("Step"), _("By"), _("Reason"), _("File and row"))
    for step in list_steps(payout=payout):
        at = f"{localtime(step.at):%Y-%m-%d %H:%M:%S}"
        yield disarm_formulas((at, step.status, step.by, step.reason, step.source))


def _describe_source(line: ReplyLine) -> str:
    file = line.file
    parts = [
        _("%(file)s, row %(row)s") % {"file": file.name, "row": line.number},
        f"SHA-256 {file.sha256[:16]}",
        _("brought by %(person)s") % {"person": file.uploaded_by},
        _("applied by %(person)s") % {"person": file.applied_by or "—"},
    ]
    if line.decided_by:
        parts.append(_("matched by %(person)s") % {"person": line.decided_by})
    return " · ".join(parts)
