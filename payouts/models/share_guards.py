"""
The triggers by which the database splits each posting among the levels that share.

Every level but one gets its part cut to the fen, and that one, the city where it shares, what remains: no fen is lost,
and the same amount is always split alike, so that what was reserved is also what is released or paid.
"""

# ruff: noqa: S608 - what is put into these statements are names of our own.
from __future__ import annotations

import pgtrigger

from payouts.states import Account
from qinqing.kernel.database.triggers import Guard, planned_by_size, refuse

_NEW = pgtrigger.Referencing(new="new_rows")  # type: ignore[no-untyped-call]

# The shares that count for the firms of a district: its own, or those for everywhere.
_SHARES_OF = """
    payouts_share s ON s.version_id = f.version_id AND s.district = CASE
        WHEN EXISTS (SELECT FROM payouts_share o WHERE o.version_id = f.version_id AND o.district = p.district)
        THEN p.district ELSE '' END
"""
# Who takes what remains: the city, else the highest level.
_RANK = "row_number() OVER (PARTITION BY n.id ORDER BY s.level <> 'city', s.level DESC)"


def _change(account: Account, up: str, down: str) -> str:
    return (
        f"coalesce(sum(CASE '{account}' WHEN {up} THEN w.amount_cny WHEN {down} THEN -w.amount_cny ELSE 0 END), 0)"
        f" AS {account}_cny"
    )


POSTING_IS_SHARED = Guard(
    # It runs after the guard that locks the fund, in the order of the names.
    name="posting_splits_by_shares",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=_NEW,
    func=planned_by_size(f"""
        IF NOT EXISTS (
            SELECT FROM payouts_share s JOIN payouts_fund f ON f.version_id = s.version_id
            WHERE f.id IN (SELECT fund_id FROM new_rows)
        ) THEN
            RETURN NULL;
        END IF;
        EXECUTE $q$
            INSERT INTO payouts_shareposting (posting_id, level, district, amount_cny)
            SELECT id, level, district, CASE rank
                WHEN 1 THEN amount_cny - coalesce(sum(part_cny) FILTER (WHERE rank > 1) OVER (PARTITION BY id), 0)
                ELSE part_cny END
            FROM (
                SELECT n.id, s.level, p.district, n.amount_cny, {_RANK} AS rank,
                    trunc(n.amount_cny * s.parts / sum(s.parts) OVER (PARTITION BY n.id), 2) AS part_cny
                FROM new_rows n
                JOIN payouts_fund f ON f.id = n.fund_id
                LEFT JOIN payouts_repayment r ON r.id = n.repayment_id
                LEFT JOIN payouts_recovery d ON d.id = r.recovery_id
                JOIN payouts_payout p ON p.id = coalesce(n.payout_id, d.payout_id)
                JOIN {_SHARES_OF}
            ) split
        $q$;
        EXECUTE $q$
            INSERT INTO payouts_sharebalance AS b
                (fund_id, level, district, reserved_cny, disbursed_cny, recovered_cny)
            SELECT n.fund_id, w.level, w.district, 0, 0, 0
            FROM new_rows n JOIN payouts_shareposting w ON w.posting_id = n.id
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            ON CONFLICT (fund_id, level, district) DO NOTHING
        $q$;
        EXECUTE $q$
            UPDATE payouts_sharebalance b SET reserved_cny = b.reserved_cny + c.reserved_cny,
                disbursed_cny = b.disbursed_cny + c.disbursed_cny, recovered_cny = b.recovered_cny + c.recovered_cny
            FROM (
                SELECT n.fund_id, w.level, w.district, {_change(Account.RESERVED, "n.credit", "n.debit")},
                    {_change(Account.DISBURSED, "n.credit", "n.debit")},
                    {_change(Account.RECOVERED, "n.debit", "n.credit")}
                FROM new_rows n JOIN payouts_shareposting w ON w.posting_id = n.id GROUP BY 1, 2, 3
            ) c
            WHERE (b.fund_id, b.level, b.district) = (c.fund_id, c.level, c.district)
        $q$;
        RETURN NULL;
    """),
)


def written_by_the_posting(promise: str, *, on: pgtrigger.Operation = pgtrigger.Insert) -> Guard:
    """A guard against everybody but the trigger that splits postings."""
    return Guard(
        name=promise,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=on,
        func=f"""
            IF pg_trigger_depth() = 1 THEN
                {refuse(promise, "Shares follow the postings, and nothing else.")}
            END IF;
            RETURN NULL;
        """,
    )


# What is owed stands in the balance of the level that did not pay first, which is locked: two settlements may not reach
# over it together. Confirmed ones count on both ways, for what was settled is owed back once the money is recovered.
# What is booked the same way counts until it is turned down. Confirming asks again, for money may have come back.
SETTLEMENT_IS_OWED = Guard(
    name="settlement_is_owed",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Update,
    declare=[("owed_cny", "numeric")],
    func=f"""
        IF NEW.decision = 'turned_down' THEN
            RETURN NULL;
        END IF;
        SELECT CASE b.level WHEN NEW.debtor THEN 1 ELSE -1 END * (b.disbursed_cny - b.recovered_cny) INTO owed_cny
        FROM payouts_sharebalance b
        JOIN payouts_fund f ON f.id = b.fund_id
        JOIN payouts_share a ON a.version_id = f.version_id AND a.is_advance_payer AND a.district = CASE
            WHEN EXISTS (SELECT FROM payouts_share o WHERE o.version_id = f.version_id AND o.district = b.district)
            THEN b.district ELSE '' END
        WHERE (b.fund_id, b.district) = (NEW.fund_id, NEW.district)
            AND (b.level, a.level) IN ((NEW.debtor, NEW.creditor), (NEW.creditor, NEW.debtor))
        FOR NO KEY UPDATE OF b;
        IF (owed_cny >= (
            SELECT sum(CASE s.debtor WHEN NEW.debtor THEN s.amount_cny ELSE -s.amount_cny END)
            FROM payouts_settlement s
            WHERE (s.fund_id, s.district) = (NEW.fund_id, NEW.district)
                AND (s.debtor, s.creditor) IN ((NEW.debtor, NEW.creditor), (NEW.creditor, NEW.debtor))
                AND (s.decision = 'confirmed' OR TG_OP = 'INSERT' AND s.decision = '' AND s.debtor = NEW.debtor)
        )) IS NOT TRUE THEN
            {refuse("settlement_is_owed", "Nothing is settled that is not owed to or by the advance payer.")}
        END IF;
        RETURN NULL;
    """,
)
