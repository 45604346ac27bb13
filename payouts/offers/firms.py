"""The list of the firms that a user acts for: what each can claim, and its troubles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from payouts.ledger.blacklist import find_blacklistings
from payouts.ledger.waiting_accounts import STOPPED
from payouts.models import Payout, Recovery
from policies.deadlines.reminders import reminders_to_do

NOTHING = Decimal(0)
# A user who acts for more firms finds the others by name or code.
FIRMS_SHOWN = 100


class Trouble(StrEnum):
    """The troubles of a firm, the worst first."""

    BARRED = "barred"
    DEMANDED = "demanded"
    REFUSED = "refused"
    UNPAYABLE = "unpayable"
    REMINDED = "reminded"


TROUBLE_LABELS = {
    Trouble.BARRED: _("may not claim"),
    Trouble.DEMANDED: _("money is asked back"),
    Trouble.REFUSED: _("the bank refused a payment"),
    Trouble.UNPAYABLE: _("no account on file"),
    Trouble.REMINDED: _("reminded"),
}


@dataclass(frozen=True, slots=True)
class Firm:
    """
    A company in the list; `claimable_cny` is the sum that one click brings, in yuan.

    `trouble` is the worst trouble; it is None if the firm has none.
    """

    name: str
    credit_code: str
    claimable_cny: Decimal
    trouble: Trouble | None = None

    @property
    def trouble_label(self) -> str:
        """The trouble in a word or two."""
        return str(TROUBLE_LABELS[self.trouble]) if self.trouble else ""

    @property
    def rank(self) -> tuple[bool, bool, Decimal, str]:
        """The sort key: firms in trouble first, then those that can claim, the largest sum first."""
        return self.trouble is None, not self.claimable_cny, -self.claimable_cny, self.credit_code


@dataclass(frozen=True, slots=True)
class FirmList:
    """All firms that the user acts for, or those that a search found."""

    firms: Sequence[Firm]

    @property
    def shown(self) -> Sequence[Firm]:
        """The first firms of the list."""
        return self.firms[:FIRMS_SHOWN]

    @property
    def rest_count(self) -> int:
        """The number of firms that are not shown."""
        return len(self.firms) - len(self.shown)

    @property
    def claimable_cny(self) -> Decimal:
        """The sum that all of the firms can claim now, in yuan."""
        return sum((firm.claimable_cny for firm in self.firms), NOTHING)

    @property
    def claimable_count(self) -> int:
        """The number of firms that can claim something now."""
        return sum(1 for firm in self.firms if firm.claimable_cny)

    @property
    def troubled_count(self) -> int:
        """The number of firms in trouble."""
        return sum(1 for firm in self.firms if firm.trouble)


def search_companies(companies: QuerySet[Company], *, words: str) -> QuerySet[Company]:
    """Select the companies with these words in their name or credit code; all companies without words."""
    return companies.filter(Q(name__icontains=words) | Q(credit_code__icontains=words)) if words else companies


def annotate_troubles(companies: QuerySet[Company], *, on: date) -> QuerySet[Company, Any]:
    """Annotate companies with a flag for each `Trouble`, except the one that depends on what they can claim."""
    own = OuterRef("pk")
    flags = {
        Trouble.BARRED: Exists(find_blacklistings(on=on).filter(company=own)),
        Trouble.DEMANDED: Exists(Recovery.objects.filter(payout__company=own, ended_as="")),
        Trouble.REFUSED: Exists(Payout.objects.filter(company=own, status__in=STOPPED, account__company=own)),
        Trouble.REMINDED: Exists(reminders_to_do(on=on).filter(company=own)),
    }
    return companies.annotate(**{trouble.value: flag for trouble, flag in flags.items()})


def find_trouble(company: Any, *, is_unpayable: bool) -> Trouble | None:
    """
    Find the worst trouble of a company that `annotate_troubles` annotated; `is_unpayable` adds the missing account.
    """

    def is_amiss(trouble: Trouble) -> bool:
        return is_unpayable if trouble is Trouble.UNPAYABLE else bool(getattr(company, trouble.value))

    return next(filter(is_amiss, Trouble), None)
