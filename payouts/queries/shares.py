"""What each level carries of a fund, and what it owes the level that paid first."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from payouts.models import Fund
from payouts.models.share import Level
from qinqing.kernel.statements import fetched


@dataclass(frozen=True, slots=True)
class Part:
    """One level's part of a fund, in yuan."""

    level: str
    reserved_cny: Decimal
    disbursed_cny: Decimal
    recovered_cny: Decimal

    @property
    def word(self) -> str:
        """The level as pages name it."""
        return str(Level(self.level).label)


@dataclass(frozen=True, slots=True)
class Owed:
    """
    What one level owes the advance payer of a district, in yuan.

    `settled_cny` it has paid already; `booked_cny` is said to be paid and waits for a second person.
    """

    fund_id: int
    version: str
    district: str
    debtor: str
    creditor: str
    share_cny: Decimal
    settled_cny: Decimal
    booked_cny: Decimal

    @property
    def owed_cny(self) -> Decimal:
        """What is still to be settled; below nothing, the advance payer owes it back."""
        return self.share_cny - self.settled_cny

    @property
    def bookable_cny(self) -> Decimal:
        """What nobody has booked yet."""
        return self.owed_cny - self.booked_cny

    @property
    def debtor_word(self) -> str:
        """Who owes, as pages name it."""
        return str(Level(self.debtor).label)

    @property
    def creditor_word(self) -> str:
        """Who paid first, as pages name it."""
        return str(Level(self.creditor).label)


def parts_of(*, fund: Fund) -> tuple[Part, ...]:
    """A fund by level; empty where nothing is shared."""
    rows = fetched(
        """
        SELECT level, sum(reserved_cny), sum(disbursed_cny), sum(recovered_cny)
        FROM payouts_sharebalance WHERE fund_id = %(fund)s GROUP BY level ORDER BY level
        """,
        fund=fund.pk,
    )
    return tuple(Part(*row) for row in rows)


def owed(*, fund: Fund | None = None) -> tuple[Owed, ...]:
    """What is owed to advance payers and not settled yet, by fund, district and level; of one fund or of all."""
    rows = fetched(
        """
        SELECT b.fund_id, y.code || ' v' || v.number, b.district, b.level, a.level,
            b.disbursed_cny - b.recovered_cny, coalesce(s.settled_cny, 0), coalesce(s.booked_cny, 0)
        FROM payouts_sharebalance b
        JOIN payouts_fund f ON f.id = b.fund_id
        JOIN policies_policyversion v ON v.id = f.version_id JOIN policies_policy y ON y.id = v.policy_id
        JOIN payouts_share a ON a.version_id = f.version_id AND a.is_advance_payer AND a.level <> b.level
            AND a.district = CASE WHEN EXISTS (
                SELECT FROM payouts_share o WHERE o.version_id = f.version_id AND o.district = b.district
            ) THEN b.district ELSE '' END
        LEFT JOIN (
            SELECT fund_id, district, debtor, sum(amount_cny) FILTER (WHERE decision = 'confirmed') AS settled_cny,
                sum(amount_cny) FILTER (WHERE decision = '') AS booked_cny
            FROM payouts_settlement GROUP BY 1, 2, 3
        ) s ON (s.fund_id, s.district, s.debtor) = (b.fund_id, b.district, b.level)
        WHERE (%(fund)s::bigint IS NULL OR b.fund_id = %(fund)s)
            AND b.disbursed_cny - b.recovered_cny <> coalesce(s.settled_cny, 0)
        ORDER BY 2, b.district, b.level, b.fund_id
        """,
        fund=fund.pk if fund else None,
    )
    return tuple(Owed(*row) for row in rows)
