"""
The triggers by which the database itself keeps the books.

They are written from `payouts.states.MOVES`, so a changed move asks for a migration. Statements over a
transition table are written as EXECUTE, and `planned_by_size` keeps their plans for a few rows alone.
"""

# ruff: noqa: S608 - what is put into these statements are names of our own, from the table of moves.
from __future__ import annotations

import pgtrigger

from payouts.batch_states import BatchStatus, Channel
from payouts.models.attempts import ATTEMPTS_SO_FAR, MAY_GO_OUT, WAITS_IN_A_BATCH
from payouts.models.conditions import IS_PROVEN_PAID, whens
from payouts.states import MOVES, Account, Status
from qinqing.kernel.database.triggers import Guard, kept, planned_by_size, refuse

_OLD_AND_NEW = pgtrigger.Referencing(old="old_rows", new="new_rows")  # type: ignore[no-untyped-call]
_NEW = pgtrigger.Referencing(new="new_rows")  # type: ignore[no-untyped-call]


def _moves() -> str:
    rows = [
        f"('{before}', '{after}', '{role}')" for (before, after), move in MOVES.items() for role in sorted(move.roles)
    ]
    return f"(VALUES {', '.join(rows)}) AS m (before, after, role)"


def _transfers() -> str:
    rows = [
        f"('{before}', '{after}', '{move.transfer.debit}', '{move.transfer.credit}')"
        for (before, after), move in MOVES.items()
        if move.transfer
    ]
    return f"(VALUES {', '.join(rows)}) AS t (before, after, debit, credit)"


def _pair(columns: str) -> str:
    """Whether any of the columns differs between the new row n and the old row o."""
    names = columns.split()
    return f"({', '.join(f'n.{name}' for name in names)}) IS DISTINCT FROM ({', '.join(f'o.{name}' for name in names)})"


# Whose account it is: nobody but the company, its employee or the third party that was decided is ever paid.
_ACCOUNT_OF_PAYEE = (
    "EXISTS (SELECT FROM companies_payeeaccount a LEFT JOIN companies_thirdparty t ON t.id = a.third_party_id"
    " WHERE a.id = n.account_id AND CASE v.payee WHEN 'company' THEN a.company_id = n.company_id"
    " WHEN 'employee' THEN a.employee_id = n.employee_id ELSE t.code = e.payee_code AND a.checked_at IS NOT NULL END)"
)
_IS_BLACKLISTED = (
    "EXISTS (SELECT FROM payouts_blacklisting l WHERE l.company_id = n.company_id AND l.lifted_at IS NULL"
    " AND (n.claimed_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN l.begins_on AND l.ends_on)"
)
# A mended account is another one of the same company, person or third party; what the bank has keeps its account.
_ACCOUNT_OF_SAME_OWNER = (
    "EXISTS (SELECT FROM companies_payeeaccount a JOIN companies_payeeaccount b"
    " ON (a.company_id, a.employee_id, a.third_party_id)"
    " IS NOT DISTINCT FROM (b.company_id, b.employee_id, b.third_party_id)"
    " WHERE a.id = n.account_id AND b.id = o.account_id)"
)
_MAY_HAVE_ANOTHER = f"'{Status.APPROVED}', '{Status.FAILED}', '{Status.RETURNED}', '{Status.CANCELLED}'"

PAYOUT_OPENS = Guard(
    name="payout_opens_requested",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=_NEW,
    declare=[("broken", "text")],
    func=planned_by_size(f"""
        EXECUTE $q$
            SELECT CASE
                WHEN n.status <> '{Status.REQUESTED}' OR n.sequence <> 0 OR n.was_paid_cancelled
                    THEN 'payout_opens_requested'
                WHEN {_IS_BLACKLISTED} THEN 'payout_is_not_for_a_blacklisted_firm'
                ELSE 'payout_copies_its_entitlement'
            END
            FROM new_rows n
            LEFT JOIN policies_entitlement e ON e.id = n.entitlement_id
            LEFT JOIN policies_policyversion v ON v.id = e.version_id
            LEFT JOIN payouts_fund f ON f.id = n.fund_id
            LEFT JOIN payouts_claim c ON c.id = n.claim_id
            WHERE n.status <> '{Status.REQUESTED}' OR n.sequence <> 0 OR n.was_paid_cancelled
                OR NOT {_ACCOUNT_OF_PAYEE} OR {_IS_BLACKLISTED}
                OR (e.policy_id, e.company_id, e.employee_id, e.version_id, c.company_id)
                    IS DISTINCT FROM (n.policy_id, n.company_id, n.employee_id, f.version_id, n.company_id)
                OR (n.amount_cny <= e.amount_cny) IS NOT TRUE
            LIMIT 1
        $q$ INTO broken;
        IF broken IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = broken,
                MESSAGE = 'A payout opens as requested, and is what its entitlement says: ' || broken;
        END IF;
        EXECUTE $q$
            INSERT INTO payouts_transition
                (payout_id, sequence, before, after, moved_at, moved_by_id, moved_as, moved_because)
            SELECT id, 0, '', status, moved_at, moved_by_id, moved_as, moved_because FROM new_rows
        $q$;
        RETURN NULL;
    """),
)

_IDENTITY = "claim_id entitlement_id policy_id fund_id company_id employee_id district amount_cny claimed_at is_clicked"
_STEP = "sequence moved_at moved_by_id moved_as moved_because paid_at"

PAYOUT_MOVES = Guard(
    name="payout_moves_by_the_table",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    referencing=_OLD_AND_NEW,
    declare=[("broken", "text")],
    func=planned_by_size(f"""
        EXECUTE $q$
            SELECT CASE
                WHEN o.id IS NULL OR {_pair(_IDENTITY)} THEN 'payout_stays_what_was_claimed'
                WHEN n.account_id <> o.account_id AND (
                    o.status NOT IN ({_MAY_HAVE_ANOTHER}) OR NOT {_ACCOUNT_OF_SAME_OWNER} OR {WAITS_IN_A_BATCH}
                )
                    THEN 'payout_account_is_mended_before_a_retry'
                WHEN n.was_paid_cancelled <> o.was_paid_cancelled AND NOT (
                    n.was_paid_cancelled AND o.status = '{Status.CANCELLED}' AND {IS_PROVEN_PAID}
                )
                    THEN 'payout_paid_though_cancelled_is_proven_by_two'
                WHEN n.status = o.status AND {_pair(_STEP)} THEN 'payout_step_is_a_move'
                WHEN n.status <> o.status AND (m.role IS NULL OR n.sequence <> o.sequence + 1)
                    THEN 'payout_moves_by_the_table'
                WHEN n.status <> o.status AND n.status = '{Status.SENT}' AND NOT {MAY_GO_OUT}
                    THEN 'payout_is_sent_by_an_instruction'
                {whens()}
            END AS promise
            FROM new_rows n
            LEFT JOIN old_rows o ON o.id = n.id
            LEFT JOIN {_moves()} ON (m.before, m.after, m.role) = (o.status, n.status, n.moved_as)
            ORDER BY promise NULLS LAST
            LIMIT 1
        $q$ INTO broken;
        IF broken IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = broken,
                MESSAGE = 'A payout changes by a move of the table, and by nothing else: ' || broken;
        END IF;
        EXECUTE $q$
            INSERT INTO payouts_transition
                (payout_id, sequence, before, after, moved_at, moved_by_id, moved_as, moved_because)
            SELECT n.id, n.sequence, o.status, n.status, n.moved_at, n.moved_by_id, n.moved_as, n.moved_because
            FROM new_rows n JOIN old_rows o ON o.id = n.id
            WHERE n.status <> o.status
        $q$;
        EXECUTE $q$
            INSERT INTO payouts_posting (fund_id, payout_id, sequence, debit, credit, amount_cny, posted_at)
            SELECT n.fund_id, n.id, n.sequence, t.debit, t.credit, n.amount_cny, n.moved_at
            FROM new_rows n JOIN old_rows o ON o.id = n.id
            JOIN {_transfers()} ON (t.before, t.after) = (o.status, n.status)
        $q$;
        RETURN NULL;
    """),
)

# Money enters the fund from `granted`, and comes back into it from `recovered`: both count what they gave.
_SOURCES = (Account.GRANTED, Account.RECOVERED)


def _change(account: Account) -> str:
    up, down = ("debit", "credit") if account in _SOURCES else ("credit", "debit")
    return (
        f"sum(CASE WHEN {up} = '{account}' THEN amount_cny WHEN {down} = '{account}' THEN -amount_cny ELSE 0 END)"
        f" AS {account}"
    )


_FROM_OUTSIDE_ONLY = "pg_trigger_depth() = 1"

POSTING_MOVES_MONEY = Guard(
    name="posting_moves_money",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=_NEW,
    func=planned_by_size(f"""
        IF {_FROM_OUTSIDE_ONLY} AND EXISTS (
            SELECT FROM new_rows WHERE payout_id IS NOT NULL OR repayment_id IS NOT NULL OR grant_id IS NOT NULL
        ) THEN
            {refuse("posting_is_written_by_the_move", "Only the move of a payout posts its money.")}
        END IF;
        IF {_FROM_OUTSIDE_ONLY} AND EXISTS (
            SELECT FROM new_rows n LEFT JOIN payouts_fund f ON f.id = n.fund_id
            LEFT JOIN policies_policyversion v ON v.id = f.version_id WHERE n.amount_cny IS DISTINCT FROM v.granted_cny
        ) THEN
            {refuse("posting_is_what_was_published", "A fund opens with what its version was granted.")}
        END IF;
        EXECUTE $q$
            SELECT id FROM payouts_fund WHERE id IN (SELECT fund_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE
        $q$;
        EXECUTE $q$
            UPDATE payouts_fund f SET {", ".join(f"{a}_cny = f.{a}_cny + c.{a}" for a in Account)}
            FROM (SELECT fund_id, {", ".join(_change(a) for a in Account)} FROM new_rows GROUP BY fund_id) c
            WHERE f.id = c.fund_id
        $q$;
        RETURN NULL;
    """),
)

TRANSITION_IS_WRITTEN_BY_THE_MOVE = Guard(
    name="transition_is_written_by_the_move",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func=f"""
        IF {_FROM_OUTSIDE_ONLY} THEN
            {refuse("transition_is_written_by_the_move", "Only the move of a payout records itself.")}
        END IF;
        RETURN NULL;
    """,
)

FUND_OPENS_EMPTY = Guard(
    name="fund_opens_empty",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func=f"""
        IF {" OR ".join(f"NEW.{a}_cny <> 0" for a in Account)} THEN
            {refuse("fund_opens_empty", "Money enters a fund by a posting.")}
        END IF;
        RETURN NEW;
    """,
)

_BALANCES = ", ".join(f"NEW.{account}_cny" for account in Account)
FUND_FOLLOWS_ITS_POSTINGS = Guard(
    name="fund_follows_its_postings",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func=f"""
        IF {_FROM_OUTSIDE_ONLY} AND ({_BALANCES}, NEW.id, NEW.version_id)
            IS DISTINCT FROM ({_BALANCES.replace("NEW.", "OLD.")}, OLD.id, OLD.version_id) THEN
            {refuse("fund_follows_its_postings", "The balances of a fund change by postings alone.")}
        END IF;
        RETURN NEW;
    """,
)

INSTRUCTION_PAYS_ITS_PAYOUT = Guard(
    name="instruction_pays_its_payout",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=_NEW,
    declare=[("is_broken", "boolean")],
    func=planned_by_size(f"""
        EXECUTE $q$
            SELECT EXISTS (
                SELECT FROM new_rows n LEFT JOIN payouts_payout p ON p.id = n.payout_id
                WHERE (p.status, p.fund_id, p.account_id, p.amount_cny)
                        IS DISTINCT FROM ('{Status.APPROVED}', n.fund_id, n.account_id, n.amount_cny)
                    OR n.attempt <> 1 + {ATTEMPTS_SO_FAR.format(payout="n.payout_id")}
                    OR n.batch_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM payouts_batch b WHERE b.id = n.batch_id AND b.fund_id = n.fund_id
                            AND (b.channel, b.status) = ('{Channel.FILE}', '{BatchStatus.OPEN}')
                    )
            )
        $q$ INTO is_broken;
        IF is_broken THEN
            {refuse("instruction_pays_its_payout", "An approved payout has one instruction per attempt.")}
        END IF;
        RETURN NULL;
    """),
)

INSTRUCTION_IS_SEALED_ONCE = Guard(
    name="instruction_is_sealed_once",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    referencing=_OLD_AND_NEW,
    declare=[("is_broken", "boolean")],
    func=f"""
        EXECUTE $q$
            SELECT EXISTS (
                SELECT FROM new_rows n LEFT JOIN old_rows o ON o.id = n.id
                WHERE o.id IS NULL OR o.batch_id IS NOT NULL
                    OR {_pair("payout_id attempt end_to_end_id fund_id account_id amount_cny stored_at valid_until")}
            ) OR EXISTS (
                SELECT FROM (
                    SELECT batch_id, count(*) AS line_count, sum(amount_cny) AS total_cny,
                        min(fund_id) AS first_fund, max(fund_id) AS last_fund
                    FROM payouts_instruction WHERE batch_id IN (SELECT batch_id FROM new_rows) GROUP BY batch_id
                ) s JOIN payouts_batch b ON b.id = s.batch_id
                WHERE (b.line_count, b.control_sum_cny, b.fund_id, b.fund_id)
                    IS DISTINCT FROM (s.line_count, s.total_cny, s.first_fund, s.last_fund)
            )
        $q$ INTO is_broken;
        IF is_broken THEN
            {refuse("instruction_is_sealed_once", "An instruction changes once: when its batch is sealed.")}
        END IF;
        RETURN NULL;
    """,
)

REPLY_IS_APPLIED_ONCE = Guard(
    name="reply_is_applied_once",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    func=f"""
        IF OLD.applied_at IS NOT NULL OR NEW.applied_at IS NULL
            OR (NEW.id, NEW.instruction_id, NEW.outcome, NEW.bank_reference, NEW.reason, NEW.received_at)
                IS DISTINCT FROM
                (OLD.id, OLD.instruction_id, OLD.outcome, OLD.bank_reference, OLD.reason, OLD.received_at) THEN
            {refuse("reply_is_applied_once", "What the bank said is kept as it came.")}
        END IF;
        RETURN NEW;
    """,
)

_CHANGED = pgtrigger.Update | pgtrigger.Delete

CLAIM_IS_KEPT = kept(promise="claim_is_kept", why="A claim is kept as it was signed.", operation=_CHANGED)
PAYOUT_IS_KEPT = kept(promise="payout_is_kept", why="A payout is cancelled, never deleted.", operation=pgtrigger.Delete)
TRANSITION_IS_KEPT = kept(promise="transition_is_kept", why="Transitions are appended only.", operation=_CHANGED)
POSTING_IS_KEPT = kept(promise="posting_is_kept", why="Postings are appended only.", operation=_CHANGED)
FUND_IS_KEPT = kept(promise="fund_is_kept", why="A fund is never deleted.", operation=pgtrigger.Delete)
INSTRUCTION_IS_KEPT = kept(
    promise="instruction_is_kept", why="An instruction is never deleted.", operation=pgtrigger.Delete
)
REPLY_IS_KEPT = kept(promise="reply_is_kept", why="What the bank said is never deleted.", operation=pgtrigger.Delete)
