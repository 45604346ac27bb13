"""The public calculator: it tries a policy in force on facts that a visitor enters, and stores nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from policies.models import PolicyVersion
from policies.rules.versions import as_of
from policies.trial.trial import TriedReason, try_version


@dataclass(frozen=True, slots=True)
class Calculation:
    """
    The verdict (None: unknown), the amount in yuan if the verdict is eligible, and the reasons, the amount's last.
    """

    verdict: bool | None
    amount_cny: Decimal | None
    reasons: tuple[TriedReason, ...]
    as_of_on: dt.date

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts that the visitor still has to enter before a decision is possible, each once."""
        unknown = [reason for reason in self.reasons if reason.verdict is None]
        return tuple(dict.fromkeys(value.label for reason in unknown for value in reason.values if value.value is None))


def calculate(*, version: PolicyVersion, facts: Mapping[str, Any], now: dt.datetime) -> Calculation:
    """
    Try a version on the facts that a visitor entered.

    Raises:
        BadFacts: a fact is not of its type.
        RuleRefused: a rule of the version does not check any more.
    """
    day = as_of(version=version, now=now)
    district = facts.get("company", {}).get("district")
    place = {"district": district} if district else {}
    trial = try_version(version=version, facts={**facts, **place, "as_of": day.isoformat()})
    return Calculation(trial.verdict, trial.amount_cny, trial.reasons, day)
