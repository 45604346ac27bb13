"""Reply files take effect: one person proposes to apply a file or to match a row, and another confirms it."""

from __future__ import annotations

import json
from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.models import Instruction, ReplyFile, ReplyFileStatus, ReplyLine, Verdict
from payouts.models.banks.reply_file import FOR_A_PERSON
from payouts.replies.classify import classify_lines
from payouts.replies.files import ReplyRefused
from payouts.replies.queries import find_waiting_lines
from qinqing.kernel.database.statements import execute_statement, expect_large_sets, fetch_rows
from qinqing.kernel.nudges import nudge
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

log = structlog.get_logger()

APPLY, MATCH = "apply_reply_file", "match_reply_line"


@within_scope(file=ReplyFile)
@transaction.atomic
def propose_application(*, file: ReplyFile, because: str, actor: User, now: datetime) -> Proposal:
    """
    Propose to apply a file that was read; a colleague confirms it who neither brought it nor made the batch.

    Raises:
        ReplyRefused: nobody has read the file yet, or somebody applied it or set it aside meanwhile.
        NoReason, AlreadyProposed, Concerned: as `propose` says.
    """
    file = ReplyFile.objects.select_for_update(no_key=True, of=("self",)).get(pk=file.pk)
    if file.status != ReplyFileStatus.READ:
        sentence = _("The file is “%(status)s”; only one that was read and not applied can be applied.")
        raise ReplyRefused(sentence % {"status": file.get_status_display()})
    # The proposal shows what the file changes now; payouts may have moved since it was read.
    expect_large_sets()
    classify_lines(file=file)
    return propose(
        kind=APPLY,
        subject_id=file.pk,
        subject_name=file.name,
        after={"status": ReplyFileStatus.APPLIED.value},
        because=because,
        actor=actor,
        now=now,
    )


def check_application(proposal: Proposal) -> None:
    """
    Classify the rows of a proposed file again, because payouts may have moved since.

    Raises:
        ReplyRefused: the file would change something else than the proposal says.
    """
    file = ReplyFile.objects.select_for_update(no_key=True, of=("self",)).get(pk=proposal.subject_id)
    if file.status != ReplyFileStatus.READ:
        return
    expect_large_sets()
    classify_lines(file=file)
    ((now_there,),) = fetch_rows("SELECT proposal_before_apply_reply_file(%(file)s) -> 'changes'", file=file.pk)
    if json.loads(now_there) != proposal.before["changes"]:
        raise ReplyRefused(
            _("Payouts moved since this was proposed, so the file changes something else now. Turn this down and"
              " propose it anew.")
        )  # fmt: skip


def record_file(proposal: Proposal, now: datetime) -> None:
    """Record the rows of a file that two persons applied as replies of the bank, each once."""
    recorded = execute_statement(_RECORD_FILE, file=proposal.subject_id, now=now)
    nudge("payouts.tasks.apply_replies")
    log.info("reply_file_applied", file=proposal.subject_id, recorded=recorded, actor=proposal.decided_by_id)


@within_scope(line=ReplyLine)
def propose_match(*, line: ReplyLine, end_to_end_id: str, because: str, actor: User, now: datetime) -> Proposal:
    """
    Propose which instruction a row is about; when a colleague confirms it, what the row says becomes a reply.

    Raises:
        ReplyRefused: the row waits for nobody, there is no such instruction, its amount differs, or the row does not
            say what became of a payment.
        NoReason, AlreadyProposed, Concerned: as `propose` says.
    """
    if not find_waiting_lines().filter(pk=line.pk).exists():
        raise _decided_already()
    instruction = Instruction.objects.filter(end_to_end_id=end_to_end_id.strip().upper()).first()
    if instruction is None:
        raise ReplyRefused(_("There is no instruction with this end-to-end id."))
    _check_match(line, instruction)
    return propose(
        kind=MATCH,
        subject_id=line.pk,
        subject_name=_("%(file)s, row %(row)s") % {"file": line.file.name, "row": line.number},
        after={"instruction": instruction.end_to_end_id, "verdict": Verdict.NEWS.value},
        because=because,
        actor=actor,
        now=now,
    )


def _check_match(line: ReplyLine, instruction: Instruction) -> None:
    if not line.outcome:
        raise ReplyRefused(_("The row does not say what became of a payment; set it aside with a reason."))
    if line.amount_said:
        amounts = {"said": line.amount_said, "ours": instruction.amount_cny}
        raise ReplyRefused(_("The row says “%(said)s” for its amount, the instruction is of ¥%(ours)s.") % amounts)
    if line.amount_cny is not None and line.amount_cny != instruction.amount_cny:
        amounts = {"said": line.amount_cny, "ours": instruction.amount_cny}
        raise ReplyRefused(_("The row is of ¥%(said)s, the instruction of ¥%(ours)s.") % amounts)
    if instruction.replies.filter(outcome=line.outcome).exists():
        raise ReplyRefused(_describe_repetition())


def check_match(proposal: Proposal) -> None:
    """
    Check that the row still fits the instruction.

    Raises:
        ReplyRefused: it does not, or the bank has said the same of the instruction meanwhile.
    """
    line = ReplyLine.objects.get(pk=proposal.subject_id)
    assert proposal.after is not None
    _check_match(line, Instruction.objects.get(end_to_end_id=proposal.after["instruction"]))


def record_match(proposal: Proposal, now: datetime) -> None:
    """
    Record what a matched row says as a reply.

    Raises:
        ReplyRefused: the bank has said the same of the instruction meanwhile.
    """
    if not execute_statement(_RECORD_LINE, line=proposal.subject_id, now=now):
        raise ReplyRefused(_describe_repetition())
    nudge("payouts.tasks.apply_replies")


def _describe_repetition() -> str:
    return _(
        "The bank has said the same of this instruction before. If it paid a second time, ask it to take that back; set"
        " the row aside and write down what was found."
    )


@within_scope(line=ReplyLine)
@transaction.atomic
def set_line_aside(*, line: ReplyLine, because: str, actor: User, now: datetime) -> ReplyLine:
    """
    Decide that a row has no effect, and why.

    Raises:
        ReplyRefused: `because` is blank, or somebody decided the row already.
    """
    if not because.strip():
        raise ReplyRefused(_("Say why; the reason stays with the row."))
    line = _lock_waiting_line(line)
    line.decided_at, line.decided_by, line.decided_because = now, actor, because.strip()[:200]
    line.save(update_fields=["decided_at", "decided_by", "decided_because"])
    return line


def _lock_waiting_line(line: ReplyLine) -> ReplyLine:
    waiting = ReplyLine.objects.select_for_update(no_key=True, of=("self",)).filter(
        pk=line.pk, decided_at=None, verdict__in=FOR_A_PERSON, file__status=ReplyFileStatus.APPLIED
    )
    found = waiting.first()
    if found is None:
        raise _decided_already()
    return found


def _decided_already() -> ReplyRefused:
    return ReplyRefused(_("The row waits for nobody: its file is not applied, or it was decided already."))


_RECORD_FILE = """
    INSERT INTO payouts_reply (instruction_id, outcome, bank_reference, reason, received_at, line_id)
    SELECT instruction_id, outcome, bank_reference, reason, %(now)s, id FROM payouts_replyline
    WHERE file_id = %(file)s AND verdict IN ('news', 'contradicts') AND decided_at IS NULL
    ORDER BY outcome = 'returned', number
    ON CONFLICT (instruction_id, outcome) DO NOTHING
"""
_RECORD_LINE = """
    INSERT INTO payouts_reply (instruction_id, outcome, bank_reference, reason, received_at, line_id)
    SELECT instruction_id, outcome, bank_reference, reason, %(now)s, id FROM payouts_replyline WHERE id = %(line)s
    ON CONFLICT (instruction_id, outcome) DO NOTHING
"""
