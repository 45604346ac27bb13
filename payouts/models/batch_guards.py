"""The triggers that keep batches, their files and the bank's files; written from `payouts.batch_states.BATCH_MOVES`."""

# ruff: noqa: S608 - what is put into these statements are names of our own, from the table of moves.
from __future__ import annotations

import pgtrigger

from payouts.batch_states import BATCH_MOVES, BatchStatus, Channel
from payouts.states import Status
from qinqing.kernel.database.triggers import Guard, kept, refuse

# Whose account it is paid from; the seal copies it from the bank, whatever becomes of that later.
_PAYER = ["payer_name", "payer_account", "payer_bank_number"]
# What each step writes, and no other step touches.
_WRITTEN_BY = {
    BatchStatus.SEALED: [
        *("sealed_at", "sealed_by_id", "line_count", "control_sum_cny", "declared_count", "declared_sum_cny", "sha256"),
        *_PAYER,
    ],
    BatchStatus.APPROVED: ["approved_at", "approved_by_id"],
    BatchStatus.EXPORTED: ["released_at", "released_by_id", "answer_due_on"],
    BatchStatus.RECONCILED: ["reconciled_at"],
    BatchStatus.CLOSED: ["closed_at", "closed_by_id"],
    BatchStatus.REJECTED: ["rejected_at", "rejected_by_id", "rejected_because"],
    BatchStatus.DISCARDED: ["rejected_at", "rejected_by_id", "rejected_because"],
}
_IDENTITY = ["id", "fund_id", "bank_id", "channel", "message_id", "opened_at", "opened_by_id"]


def _differ(columns: list[str]) -> str:
    return f"({', '.join(f'NEW.{c}' for c in columns)}) IS DISTINCT FROM ({', '.join(f'OLD.{c}' for c in columns)})"


def _moves() -> str:
    return ", ".join(f"('{before}', '{after}')" for before, after in BATCH_MOVES)


def _untouched() -> str:
    """Whether a step wrote what belongs to another one."""
    tests = [f"(NEW.status <> '{status}' AND {_differ(columns)})" for status, columns in _WRITTEN_BY.items()]
    # Rejecting and discarding write the same columns.
    ended = [BatchStatus.REJECTED, BatchStatus.DISCARDED]
    kept_apart = [test for status, test in zip(_WRITTEN_BY, tests, strict=True) if status not in ended]
    either = f"(NEW.status NOT IN ('{ended[0]}', '{ended[1]}') AND {_differ(_WRITTEN_BY[ended[0]])})"
    return " OR ".join([*kept_apart, either])


BATCH_OPENS = Guard(
    name="batch_opens",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func=f"""
        IF (NEW.channel = '{Channel.FILE}') <> (NEW.status = '{BatchStatus.OPEN}')
            OR (NEW.channel = '{Channel.HTTP}') <> (NEW.status = '{BatchStatus.EXPORTED}') THEN
            {refuse("batch_opens", "A batch of files opens empty; what went over the interface is sealed at once.")}
        END IF;
        RETURN NEW;
    """,
)

BATCH_MOVES_BY_THE_TABLE = Guard(
    name="batch_moves_by_the_table",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func=f"""
        IF {_differ(_IDENTITY)}
            OR (NEW.collects_until IS DISTINCT FROM OLD.collects_until AND OLD.status <> '{BatchStatus.OPEN}')
            OR (NEW.status = OLD.status AND ({" OR ".join(_differ(c) for c in _WRITTEN_BY.values())}))
            OR (NEW.status <> OLD.status AND ({_untouched()})) THEN
            {refuse("batch_is_kept", "A batch changes by a step, and a step writes what belongs to it.")}
        END IF;
        IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN ({_moves()}) THEN
            {refuse("batch_moves_by_the_table", "A batch changes by a move of the table, and by nothing else.")}
        END IF;
        IF NEW.status = '{BatchStatus.SEALED}' AND OLD.status = '{BatchStatus.OPEN}' AND NOT EXISTS (
            SELECT FROM payouts_instruction i WHERE i.batch_id = NEW.id
            HAVING (count(*), sum(i.amount_cny)) = (NEW.line_count, NEW.control_sum_cny)
        ) THEN
            {refuse("batch_is_sealed_as_counted", "Count and control sum are those of its instructions.")}
        END IF;
        IF NEW.status = '{BatchStatus.EXPORTED}' AND OLD.status <> NEW.status AND EXISTS (
            SELECT FROM payouts_instruction i JOIN payouts_payout p ON p.id = i.payout_id
            WHERE i.batch_id = NEW.id AND p.status = '{Status.APPROVED}'
        ) THEN
            {refuse("batch_is_released_as_sent", "Its payouts are sent before its file can be had.")}
        END IF;
        IF NEW.status = '{BatchStatus.SEALED}' AND OLD.status = '{BatchStatus.OPEN}' THEN
            SELECT {", ".join(_PAYER)} INTO {", ".join(f"NEW.{column}" for column in _PAYER)}
            FROM payouts_bank WHERE id = NEW.bank_id;
        END IF;
        RETURN NEW;
    """,
)

FUND_STAYS_WITH_ITS_BANK = Guard(
    name="fund_stays_with_its_bank",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func=f"""
        IF NEW.bank_id IS DISTINCT FROM OLD.bank_id AND EXISTS (
            SELECT FROM payouts_batch b WHERE b.fund_id = NEW.id
                AND b.status IN ('{BatchStatus.OPEN}', '{BatchStatus.SEALED}', '{BatchStatus.APPROVED}')
        ) THEN
            {refuse("fund_stays_with_its_bank", "A fund with a batch on its way keeps its bank.")}
        END IF;
        RETURN NEW;
    """,
)

BANK_KEEPS_ITS_CHANNEL = Guard(
    name="bank_keeps_its_channel",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func=f"""
        IF (NEW.channel, NEW.payer_account, NEW.payer_bank_number)
                IS DISTINCT FROM (OLD.channel, OLD.payer_account, OLD.payer_bank_number) AND EXISTS (
            SELECT FROM payouts_batch b WHERE b.bank_id = NEW.id
                AND b.status IN ('{BatchStatus.OPEN}', '{BatchStatus.SEALED}', '{BatchStatus.APPROVED}')
        ) THEN
            {refuse("bank_keeps_its_channel", "A bank with a batch on its way keeps its channel and account.")}
        END IF;
        RETURN NEW;
    """,
)

# A file may be had only once the payouts of its batch are sent: from then on a second payment is impossible.
FILE_IS_TAKEN_AFTER_RELEASE = Guard(
    name="file_is_taken_after_release",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func=f"""
        IF NOT EXISTS (
            SELECT FROM payouts_batchfile f JOIN payouts_batch b ON b.id = f.batch_id
            WHERE f.id = NEW.file_id
                AND b.status IN ('{BatchStatus.EXPORTED}', '{BatchStatus.RECONCILED}', '{BatchStatus.CLOSED}')
        ) THEN
            {refuse("file_is_taken_after_release", "A file is had once its batch is released.")}
        END IF;
        RETURN NEW;
    """,
)

_CHANGED = pgtrigger.Update | pgtrigger.Delete

BATCH_IS_KEPT = kept(promise="batch_is_kept", why="A batch is never deleted.", operation=pgtrigger.Delete)
BATCH_FILE_IS_KEPT = kept(promise="batch_file_is_kept", why="A file is written once.", operation=_CHANGED)
DOWNLOAD_IS_KEPT = kept(promise="download_is_kept", why="Who took a file is never forgotten.", operation=_CHANGED)
STORED_FILE_IS_KEPT = kept(promise="stored_file_is_kept", why="Stored bytes never change.", operation=_CHANGED)
STORED_PIECE_IS_KEPT = kept(promise="stored_piece_is_kept", why="Stored bytes never change.", operation=_CHANGED)

REPLY_FILE_IS_APPLIED_ONCE = Guard(
    name="reply_file_is_applied_once",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func=f"""
        IF OLD.status IN ('applied', 'refused', 'withdrawn')
            OR {_differ(["id", "bank_id", "name", "stored_id", "sha256", "uploaded_at", "uploaded_by_id"])}
            OR (OLD.status, NEW.status) NOT IN (
                ('uploaded', 'uploaded'), ('uploaded', 'read'), ('uploaded', 'refused'), ('uploaded', 'withdrawn'),
                ('read', 'applied'), ('read', 'withdrawn')
            ) THEN
            {refuse("reply_file_is_applied_once", "A reply file is read once and applied once.")}
        END IF;
        RETURN NEW;
    """,
)

_SAID = [
    "id",
    "file_id",
    "number",
    "end_to_end_id",
    "outcome",
    "said",
    "bank_reference",
    "reason",
    "amount_cny",
    "amount_said",
]
_JUDGED = ["instruction_id", "verdict"]
_DECIDED = ["decided_at", "decided_by_id", "decided_because"]

REPLY_LINE_IS_DECIDED_ONCE = Guard(
    name="reply_line_is_decided_once",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func=f"""
        IF {_differ(_SAID)} OR OLD.decided_at IS NOT NULL
            OR (NEW.decided_at IS NULL AND {_differ(_JUDGED)}
                AND EXISTS (SELECT FROM payouts_replyfile f WHERE f.id = OLD.file_id AND f.status = 'applied')) THEN
            {refuse("reply_line_is_decided_once", "A row is kept as it was read, and decided once.")}
        END IF;
        RETURN NEW;
    """,
)

REPLY_FILE_IS_KEPT = kept(
    promise="reply_file_is_kept", why="A reply file is never deleted.", operation=pgtrigger.Delete
)
# A file that is refused half-way leaves no rows; afterwards none is deleted.
REPLY_LINE_IS_KEPT = kept(promise="reply_line_is_kept", why="A row is never deleted.", operation=pgtrigger.Delete)
