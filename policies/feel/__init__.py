"""
The rule language: FEEL of OMG DMN 1.5, the part that two engines answer alike.

`check` reads and types a rule, `evaluate` answers it for one subject in Python, `FactJoins` compiles it to SQL for
all of them. Nothing here knows Django, and nothing here knows the time.
"""

from __future__ import annotations

from policies.feel import defined as _defined  # noqa: F401 – teaches both engines its terms
from policies.feel.cautions import Caution, cautions
from policies.feel.check import Expression, check
from policies.feel.definitions import (
    ClauseText,
    DatedValue,
    Definitions,
    InputText,
    ParameterText,
    RowText,
    TableText,
)
from policies.feel.errors import FeelError
from policies.feel.evaluate import Known, evaluate, worked_out
from policies.feel.explain import explained, shown
from policies.feel.kinds import FeelType, ListOf
from policies.feel.mentions import Mention, mentions
from policies.feel.parse import parse
from policies.feel.sql import FactJoins
from policies.feel.values import Days, Months

__all__ = [
    "Caution",
    "ClauseText",
    "DatedValue",
    "Days",
    "Definitions",
    "Expression",
    "FactJoins",
    "FeelError",
    "FeelType",
    "InputText",
    "Known",
    "ListOf",
    "Mention",
    "Months",
    "ParameterText",
    "RowText",
    "TableText",
    "cautions",
    "check",
    "evaluate",
    "explained",
    "mentions",
    "parse",
    "shown",
    "worked_out",
]
