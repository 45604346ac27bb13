"""Classification of the rows of a reply file: what each would change, before any of them is recorded."""

# ruff: noqa: S608 - what is put into these statements are conditions of our own.
from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import LiteralString

from payouts.models import ReplyFile, Verdict
from payouts.replies.facts import COMMON_FACTS, IS_PAID_AS_LAST_WORD
from payouts.replies.meanings import MOVES_NOTHING, Meaning, ReplyFacts, determine_meaning
from qinqing.kernel.database.statements import execute_statement, fetch_rows_as


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts(ReplyFacts):
    """The facts about a row of a reply file: those of a reply, and those that keep the row from being one."""

    is_pending: bool
    is_foreign: bool
    is_unclear: bool
    # One row of the file says that the bank refused the payment, another that it paid or returned it.
    is_disputed: bool
    # The bank booked one payment more than the platform asked for.
    is_second_booking: bool
    is_repeated: bool
    is_wrong_amount: bool
    is_known: bool
    is_unsent: bool


# The first fact that is true of a row decides its verdict; if none is true, the table of meanings decides.
VERDICTS_OF_LINES: dict[str, Verdict] = {
    "is_pending": Verdict.PENDING,
    "is_foreign": Verdict.UNKNOWN,
    "is_unclear": Verdict.UNCLEAR,
    "is_disputed": Verdict.AMBIGUOUS,
    "is_second_booking": Verdict.AMBIGUOUS,
    "is_repeated": Verdict.DUPLICATE,
    "is_wrong_amount": Verdict.WRONG_AMOUNT,
    "is_known": Verdict.FINAL,
    "is_unsent": Verdict.UNSENT,
}
VERDICTS_OF_MEANINGS: dict[Meaning, Verdict] = {
    **{meaning: Verdict.NEWS for meaning in Meaning if meaning not in MOVES_NOTHING},
    Meaning.AGREES: Verdict.FINAL,
    Meaning.CONTRADICTS: Verdict.CONTRADICTS,
}


def classify_lines(*, file: ReplyFile) -> None:
    """
    Write the verdict on every undecided row of a file: what the row would change if the file were applied now.

    A file may have a million rows, but only some dozens of distinct facts; each of these is classified once.
    """
    execute_statement(_READ_FACTS, file=file.pk)
    distinct_facts = fetch_rows_as(LineFacts, f"SELECT DISTINCT {_COLUMNS} FROM classified_row")
    verdicts = [asdict(facts) | {"verdict": determine_verdict(facts).value} for facts in distinct_facts]
    execute_statement(_WRITE_VERDICTS, verdicts=json.dumps(verdicts))
    execute_statement("DROP TABLE classified_row")


def determine_verdict(facts: LineFacts) -> Verdict:
    """Determine the verdict on a row of a file with these facts."""
    for name, verdict in VERDICTS_OF_LINES.items():
        if getattr(facts, name):
            return verdict
    return VERDICTS_OF_MEANINGS[determine_meaning(facts)]


_COLUMNS: LiteralString = """outcome, status, is_latest, is_reported_paid, is_paid_as_last_word, is_paid_otherwise,
    is_in_sealed_batch, is_partly_repaid, may_be_repeated, is_pending, is_foreign, is_unclear, is_disputed,
    is_second_booking, is_repeated, is_wrong_amount, is_known, is_unsent"""
_IS_WRONG_AMOUNT: LiteralString = "l.amount_said <> '' OR coalesce(l.amount_cny <> i.amount_cny, false)"
_NEEDS_FACTS: LiteralString = (
    "NOT (i.is_foreign OR i.is_disputed OR i.is_wrong_amount OR i.is_known OR i.status IN ('sent', 'in_doubt'))"
)
_READ_FACTS: LiteralString = f"""
    CREATE TEMPORARY TABLE classified_row ON COMMIT DROP AS
    WITH i AS (
        SELECT l.id AS line_id, l.outcome, i.id, i.payout_id, i.attempt, coalesce(p.status, '') AS status,
            l.verdict = 'pending' AS is_pending,
            i.id IS NULL AS is_foreign,
            l.outcome = '' AS is_unclear,
            coalesce(b.status, '') IN ('sealed', 'approved', 'rejected') AS is_unsent,
            {_IS_WRONG_AMOUNT} AS is_wrong_amount,
            EXISTS (
                SELECT FROM payouts_reply r WHERE r.instruction_id = i.id AND r.outcome = l.outcome
            ) AS is_known,
            row_number() OVER (alike ORDER BY l.number) AS turn,
            -- Two payments, and not one that is told twice: the bank books each under a reference of its own.
            l.outcome = 'paid' AND l.bank_reference <> '' AND l.bank_reference
                <> first_value(l.bank_reference) OVER (alike ORDER BY l.bank_reference = '', l.number) AS is_another,
            -- It came back, and the bank books a payment under another reference than the one that came back.
            l.outcome = 'paid' AND l.bank_reference <> '' AND bool_and(l.outcome <> 'returned') OVER same AND EXISTS (
                SELECT FROM payouts_reply r JOIN payouts_reply b ON b.instruction_id = r.instruction_id
                WHERE r.instruction_id = i.id AND r.outcome = 'paid' AND b.outcome = 'returned'
                    AND r.bank_reference NOT IN ('', l.bank_reference)
            ) AS is_paid_again,
            bool_or(l.outcome = 'returned' AND NOT ({_IS_WRONG_AMOUNT})) OVER same AS is_returned_by_the_file,
            bool_or(l.outcome = 'refused') OVER same AND bool_or(l.outcome IN ('paid', 'returned')) OVER same
                AS is_disputed
        FROM payouts_replyline l
        LEFT JOIN payouts_instruction i ON i.end_to_end_id = l.end_to_end_id AND l.end_to_end_id <> ''
        LEFT JOIN payouts_payout p ON p.id = i.payout_id
        LEFT JOIN payouts_batch b ON b.id = i.batch_id
        WHERE l.file_id = %(file)s AND l.decided_at IS NULL
        WINDOW same AS (PARTITION BY l.end_to_end_id),
            alike AS (PARTITION BY l.end_to_end_id, l.outcome, {_IS_WRONG_AMOUNT})
    )
    SELECT i.line_id, i.id AS instruction_id, i.outcome, i.status, i.is_pending, i.is_foreign, i.is_unclear,
        i.is_disputed,
        i.turn > 1 AND i.is_another OR i.turn = 1 AND i.is_paid_again AND NOT i.is_wrong_amount AS is_second_booking,
        i.turn > 1 AS is_repeated,
        i.is_wrong_amount, i.is_known, i.is_unsent,
        {COMMON_FACTS.format(needs_facts=_NEEDS_FACTS)},
        -- It will be the bank's last word when the file is applied, unless the bank says that the money came back.
        CASE WHEN {_NEEDS_FACTS} THEN i.outcome = 'paid' AND NOT i.is_returned_by_the_file AND NOT EXISTS (
            SELECT FROM payouts_reply r WHERE r.instruction_id = i.id AND r.outcome = 'returned'
        ) OR {IS_PAID_AS_LAST_WORD} ELSE false END AS is_paid_as_last_word,
        -- No file says that the bank never saw an instruction.
        false AS may_be_repeated
    FROM i
"""
_WRITE_VERDICTS: LiteralString = f"""
    UPDATE payouts_replyline l SET instruction_id = classified.instruction_id, verdict = classified.verdict
    FROM (
        SELECT line_id, instruction_id, verdict
        FROM classified_row
        JOIN jsonb_to_recordset(%(verdicts)s::jsonb) AS v (
            outcome text, status text, is_latest bool, is_reported_paid bool, is_paid_as_last_word bool,
            is_paid_otherwise bool, is_in_sealed_batch bool, is_partly_repaid bool, may_be_repeated bool,
            is_pending bool, is_foreign bool, is_unclear bool, is_disputed bool, is_second_booking bool,
            is_repeated bool, is_wrong_amount bool, is_known bool, is_unsent bool, verdict text
        ) USING ({_COLUMNS})
    ) classified
    WHERE classified.line_id = l.id
"""
