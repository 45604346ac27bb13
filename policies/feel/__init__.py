"""
The rule language: FEEL of OMG DMN 1.5, the part that two engines answer alike.

`check` reads and types a rule, `evaluate` answers it for one subject in Python, `FactJoins` compiles it to SQL for
all of them. Nothing here knows Django, and nothing here knows the time.
"""

from __future__ import annotations

from policies.feel.check import Expression, check
from policies.feel.errors import FeelError
from policies.feel.evaluate import Known, evaluate, value_of
from policies.feel.explain import explained, shown
from policies.feel.kinds import FeelType, ListOf
from policies.feel.mentions import Mention, mentions
from policies.feel.parse import parse
from policies.feel.sql import FactJoins
from policies.feel.values import Days, Months

__all__ = [
    "Days",
    "Expression",
    "FactJoins",
    "FeelError",
    "FeelType",
    "Known",
    "ListOf",
    "Mention",
    "Months",
    "check",
    "evaluate",
    "explained",
    "mentions",
    "parse",
    "shown",
    "value_of",
]
