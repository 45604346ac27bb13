"""The balance of each level of government in a fund, and its debt to the level that paid in advance."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from payouts.models import Fund
from payouts.models.ledger.share import Level
from policies.explain.value_names import choices_of
from qinqing.kernel.database.statements import fetch_rows_as


def name_district(code: str) -> str:
    """Name a district by its name and its code; a dash if the district of the firms is unknown."""
    name = choices_of(group="company", fact="district").get(code)
    return f"{name} {code}" if name else code or "—"


@dataclass(frozen=True, slots=True)
class LevelBalance:
    """The part of a fund's money that one level of government bears, in yuan."""

    level: str
    reserved_cny: Decimal
    disbursed_cny: Decimal
    recovered_cny: Decimal

    @property
    def level_name(self) -> str:
        """The name of the level on pages."""
        return str(Level(self.level).label)


@dataclass(frozen=True, slots=True)
class Debt:
    """
    The debt between a level and the advance payer of a district, in yuan.

    `share_cny` is the level's part; `settled_cny` is its confirmed payments less the confirmed repayments to it. Nobody
    has confirmed yet `booked_payments_cny`, to the advance payer, and `booked_repayments_cny`, from the advance payer.
    """

    fund_id: int
    version: str
    district: str
    level: str
    advance_payer: str
    share_cny: Decimal
    settled_cny: Decimal
    booked_payments_cny: Decimal
    booked_repayments_cny: Decimal

    @property
    def district_name(self) -> str:
        """The name of the district on pages."""
        return name_district(self.district)

    @property
    def is_repayment(self) -> bool:
        """Whether the advance payer is the debtor, because settled money was recovered since."""
        return self.share_cny < self.settled_cny

    @property
    def debtor(self) -> str:
        """The level that owes the money."""
        return self.advance_payer if self.is_repayment else self.level

    @property
    def creditor(self) -> str:
        """The level that is owed the money."""
        return self.level if self.is_repayment else self.advance_payer

    @property
    def owed_cny(self) -> Decimal:
        """The amount that is still to be settled."""
        return abs(self.share_cny - self.settled_cny)

    @property
    def booked_cny(self) -> Decimal:
        """The part of the debt that is booked and waits for a second person."""
        return self.booked_repayments_cny if self.is_repayment else self.booked_payments_cny

    @property
    def bookable_cny(self) -> Decimal:
        """The part of the debt that nobody has booked yet."""
        return self.owed_cny - self.booked_cny

    @property
    def sentence(self) -> str:
        """The sentence that says which level owes which how much, and the reason if the advance payer owes it."""
        words = {
            "debtor": Level(self.debtor).label,
            "creditor": Level(self.creditor).label,
            "amount": number_format(self.owed_cny, decimal_pos=2, force_grouping=True),
        }
        if self.is_repayment:
            return (
                _("The %(debtor)s owes the %(creditor)s ¥%(amount)s back: it was settled, and then recovered.") % words
            )
        return _("The %(debtor)s owes the %(creditor)s ¥%(amount)s.") % words


def read_level_balances(*, fund: Fund) -> tuple[LevelBalance, ...]:
    """Sum what each level bears of a fund's money; empty if no levels share the money."""
    balances = fetch_rows_as(
        LevelBalance,
        """
        SELECT level, sum(reserved_cny) AS reserved_cny, sum(disbursed_cny) AS disbursed_cny,
            sum(recovered_cny) AS recovered_cny
        FROM payouts_sharebalance WHERE fund_id = %(fund)s GROUP BY level ORDER BY level
        """,
        fund=fund.pk,
    )
    return tuple(balances)


def find_unsettled_debts(*, fund: Fund | None = None) -> tuple[Debt, ...]:
    """Find the unsettled debts to or by advance payers of one fund or of all, sorted by fund, district and level."""
    # b is the balance of a level, a the share of the advance payer, s the settlements between the two, w waiting ones.
    debts = fetch_rows_as(
        Debt,
        """
        SELECT b.fund_id, y.code || ' v' || v.number AS version, b.district, b.level, a.level AS advance_payer,
            b.disbursed_cny - b.recovered_cny AS share_cny, s.settled_cny,
            w.booked_payments_cny, w.booked_repayments_cny
        FROM payouts_sharebalance b
        JOIN payouts_fund f ON f.id = b.fund_id
        JOIN policies_policyversion v ON v.id = f.version_id JOIN policies_policy y ON y.id = v.policy_id
        JOIN payouts_share a ON a.version_id = f.version_id AND a.is_advance_payer AND a.level <> b.level
            AND a.district = CASE WHEN EXISTS (
                SELECT FROM payouts_share o WHERE o.version_id = f.version_id AND o.district = b.district
            ) THEN b.district ELSE '' END
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(CASE debtor WHEN b.level THEN amount_cny ELSE -amount_cny END), 0) AS settled_cny
            FROM payouts_settlement
            WHERE (fund_id, district) = (b.fund_id, b.district) AND b.level IN (debtor, creditor)
        ) s
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount_cny) FILTER (WHERE debtor = b.level), 0) AS booked_payments_cny,
                coalesce(sum(amount_cny) FILTER (WHERE creditor = b.level), 0) AS booked_repayments_cny
            FROM payouts_bookedsettlement
            WHERE (fund_id, district) = (b.fund_id, b.district) AND b.level IN (debtor, creditor)
        ) w
        WHERE (%(fund)s::bigint IS NULL OR b.fund_id = %(fund)s)
            AND b.disbursed_cny - b.recovered_cny <> s.settled_cny
        ORDER BY 2, b.district, b.level, b.fund_id
        """,
        fund=fund.pk if fund else None,
    )
    return tuple(debts)
