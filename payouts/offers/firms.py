"""The firms that somebody acts for, as a list: what each can claim, and what is amiss with it."""

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
from payouts.ledger.blacklist import listed
from payouts.ledger.waiting_accounts import STOPPED
from payouts.models import Payout, Recovery
from policies.deadlines.reminders import reminders_to_do

NOTHING = Decimal(0)
# Who acts for more finds the others by name or code.
FIRMS_SHOWN = 100


class Trouble(StrEnum):
    """What is amiss with a firm, the worst first."""

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
    A company in the list of those one acts for; `claimable_cny` is what one click would bring, in yuan.

    `trouble` is the worst of what is amiss, None where nothing is.
    """

    name: str
    credit_code: str
    claimable_cny: Decimal
    trouble: Trouble | None = None

    @property
    def trouble_label(self) -> str:
        """What is amiss, in a word or two."""
        return str(TROUBLE_LABELS[self.trouble]) if self.trouble else ""

    @property
    def rank(self) -> tuple[bool, bool, Decimal, str]:
        """Where it stands in the list: firms in trouble first, then those that can claim, the largest sum in front."""
        return self.trouble is None, not self.claimable_cny, -self.claimable_cny, self.credit_code


@dataclass(frozen=True, slots=True)
class FirmList:
    """The firms that one acts for, or those of them that were searched for."""

    firms: Sequence[Firm]

    @property
    def shown(self) -> Sequence[Firm]:
        """The first of them."""
        return self.firms[:FIRMS_SHOWN]

    @property
    def rest_count(self) -> int:
        """How many more there are."""
        return len(self.firms) - len(self.shown)

    @property
    def claimable_cny(self) -> Decimal:
        """What all of them can claim now, in yuan."""
        return sum((firm.claimable_cny for firm in self.firms), NOTHING)

    @property
    def claimable_count(self) -> int:
        """How many of them can claim something now."""
        return sum(1 for firm in self.firms if firm.claimable_cny)

    @property
    def troubled_count(self) -> int:
        """How many of them something is amiss with."""
        return sum(1 for firm in self.firms if firm.trouble)


def search_companies(companies: QuerySet[Company], *, words: str) -> QuerySet[Company]:
    """Those of the companies whose name or credit code has these words in it; all where there are none."""
    return companies.filter(Q(name__icontains=words) | Q(credit_code__icontains=words)) if words else companies


def with_troubles(companies: QuerySet[Company], *, on: date) -> QuerySet[Company, Any]:
    """The companies, each with flags by the names of `Trouble`, but for the one that what it may claim decides."""
    own = OuterRef("pk")
    flags = {
        Trouble.BARRED: Exists(listed(on=on).filter(company=own)),
        Trouble.DEMANDED: Exists(Recovery.objects.filter(payout__company=own, ended_as="")),
        Trouble.REFUSED: Exists(Payout.objects.filter(company=own, status__in=STOPPED, account__company=own)),
        Trouble.REMINDED: Exists(reminders_to_do(on=on).filter(company=own)),
    }
    return companies.annotate(**{trouble.value: flag for trouble, flag in flags.items()})


def trouble_of(company: Any, *, is_unpayable: bool) -> Trouble | None:
    """The worst of what is amiss with a company of `with_troubles`, or that what it may claim lacks an account."""

    def is_amiss(trouble: Trouble) -> bool:
        return is_unpayable if trouble is Trouble.UNPAYABLE else bool(getattr(company, trouble.value))

    return next(filter(is_amiss, Trouble), None)
