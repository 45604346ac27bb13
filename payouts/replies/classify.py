"""What each row of a bank's reply file would change, for a set and before anything of it is recorded."""

# ruff: noqa: S608 - what is put into these statements are conditions of our own.
from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import LiteralString

from payouts.models import ReplyFile, Verdict
from payouts.replies.facts import COMMON_FACTS, PAYS_AS_LAST_WORD
from payouts.replies.meanings import MOVES_NOTHING, Facts, Meaning, meaning_of
from qinqing.kernel.database.statements import executed, fetched_as


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFacts(Facts):
    """What a row says of a payment, and what speaks against its being a reply at all."""

    is_pending: bool
    is_foreign: bool
    is_unclear: bool
    # Other rows of the file say the contrary of the same payment.
    is_torn: bool
    # The bank booked a payment more than the one that we know of.
    is_second_booking: bool
    is_repeated: bool
    is_wrong_amount: bool
    is_known: bool
    is_unsent: bool


# The first that is true of a row decides; where none is, the row means for its payout what a reply means.
VERDICTS_OF_ROWS: dict[str, Verdict] = {
    "is_pending": Verdict.PENDING,
    "is_foreign": Verdict.UNKNOWN,
    "is_unclear": Verdict.UNCLEAR,
    "is_torn": Verdict.AMBIGUOUS,
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


def classify(*, file: ReplyFile) -> None:
    """
    Write down for every row what it would change now; rows of an applied file stay as they were classified.

    A file has a million rows and some dozens of different facts: each of these is classified once.
    """
    executed(_READ_FACTS, file=file.pk)
    different = fetched_as(RowFacts, f"SELECT DISTINCT {_COLUMNS} FROM classified_row")
    verdicts = [asdict(facts) | {"verdict": verdict_of(facts).value} for facts in different]
    executed(_WRITE_VERDICTS, verdicts=json.dumps(verdicts))
    executed("DROP TABLE classified_row")


def verdict_of(facts: RowFacts) -> Verdict:
    """What a row of a file with these facts means for us."""
    for name, verdict in VERDICTS_OF_ROWS.items():
        if getattr(facts, name):
            return verdict
    return VERDICTS_OF_MEANINGS[meaning_of(facts)]


_COLUMNS: LiteralString = """outcome, status, is_latest, is_said_paid, is_paid_as_last_word, is_paid_otherwise,
    is_in_sealed_batch, is_partly_repaid, may_be_repeated, is_pending, is_foreign, is_unclear, is_torn,
    is_second_booking, is_repeated, is_wrong_amount, is_known, is_unsent"""
_IS_WRONG_AMOUNT: LiteralString = "l.amount_said <> '' OR coalesce(l.amount_cny <> i.amount_cny, false)"
_IS_ASKED: LiteralString = (
    "NOT (i.is_foreign OR i.is_torn OR i.is_wrong_amount OR i.is_known OR i.status IN ('sent', 'in_doubt'))"
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
            ) AS is_anew,
            bool_or(l.outcome = 'returned' AND NOT ({_IS_WRONG_AMOUNT})) OVER same AS is_returned_by_the_file,
            bool_or(l.outcome = 'refused') OVER same AND bool_or(l.outcome IN ('paid', 'returned')) OVER same AS is_torn
        FROM payouts_replyline l
        LEFT JOIN payouts_instruction i ON i.end_to_end_id = l.end_to_end_id AND l.end_to_end_id <> ''
        LEFT JOIN payouts_payout p ON p.id = i.payout_id
        LEFT JOIN payouts_batch b ON b.id = i.batch_id
        WHERE l.file_id = %(file)s AND l.decided_at IS NULL
        WINDOW same AS (PARTITION BY l.end_to_end_id),
            alike AS (PARTITION BY l.end_to_end_id, l.outcome, {_IS_WRONG_AMOUNT})
    )
    SELECT i.line_id, i.id AS instruction_id, i.outcome, i.status, i.is_pending, i.is_foreign, i.is_unclear, i.is_torn,
        i.turn > 1 AND i.is_another OR i.turn = 1 AND i.is_anew AND NOT i.is_wrong_amount AS is_second_booking,
        i.turn > 1 AS is_repeated,
        i.is_wrong_amount, i.is_known, i.is_unsent,
        {COMMON_FACTS.format(is_asked=_IS_ASKED)},
        -- It will be the bank's last word when the file is applied, unless the bank says that the money came back.
        CASE WHEN {_IS_ASKED} THEN i.outcome = 'paid' AND NOT i.is_returned_by_the_file AND NOT EXISTS (
            SELECT FROM payouts_reply r WHERE r.instruction_id = i.id AND r.outcome = 'returned'
        ) OR {PAYS_AS_LAST_WORD} ELSE false END AS is_paid_as_last_word,
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
            outcome text, status text, is_latest bool, is_said_paid bool, is_paid_as_last_word bool,
            is_paid_otherwise bool, is_in_sealed_batch bool, is_partly_repaid bool, may_be_repeated bool,
            is_pending bool, is_foreign bool, is_unclear bool, is_torn bool, is_second_booking bool, is_repeated bool,
            is_wrong_amount bool, is_known bool, is_unsent bool, verdict text
        ) USING ({_COLUMNS})
    ) classified
    WHERE classified.line_id = l.id
"""
