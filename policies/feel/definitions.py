"""Parameters, decision tables and named clauses: a rule calls them by names that no department delivers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from policies.feel.functions import registry
from policies.feel.messages.errors import FeelError, Span

LIMIT_ROWS = 200
LIMIT_INPUTS = 10
LIMIT_CELL = 400
LIMIT_OUTPUT = 1_000
LIMIT_VALUES = 1_000
LONGEST_NAME = 60

UNIQUE, FIRST, SUM = "U", "F", "C+"
HIT_POLICIES = (UNIQUE, FIRST, SUM)

# The day whose facts count, by the names a rule calls it.
AS_OF, AS_OF_ZH = "as_of", "基准日"

_NAME = re.compile(r"[^\W\d]\w*")
_DISTRICT = re.compile(r"[0-9]{6}")
_KEYWORDS = frozenset({
    "if", "then", "else", "for", "return", "some", "every", "satisfies", "or", "and", "in", "between", "true", "false",
    "null", "not", "instance", "of", "function", "item",
})  # fmt: skip
# What a policy's file calls its results and its conditions; a definition of that name would be taken for one.
_RESULTS = re.compile(r"eligible|amount|portion_limit|clause_\d+")
NOWHERE = Span(0, 0)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise FeelError("bad_name", NOWHERE, name=name, limit=LONGEST_NAME)
    if name in _KEYWORDS or name in (AS_OF, AS_OF_ZH) or name in registry.LEFT_OUT or registry.find_built_in(name):
        raise FeelError("reserved_name", NOWHERE, name=name)
    if _RESULTS.fullmatch(name):
        raise FeelError("result_name", NOWHERE, name=name)


def _check_names(name: str, name_zh: str) -> None:
    _check_name(name)
    if name_zh:
        _check_name(name_zh)


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value from one day on (None: always), in one district ("" for everywhere)."""

    value: Decimal
    district: str = ""
    valid_from: dt.date | None = None

    def __post_init__(self) -> None:
        if not self.value.is_finite():
            raise FeelError("bad_value", NOWHERE, value=self.value)
        if self.district and not _DISTRICT.fullmatch(self.district):
            raise FeelError("bad_district", NOWHERE, found=self.district)


@dataclass(frozen=True, slots=True)
class ParameterText:
    """A number that differs by district or by date."""

    name: str
    name_zh: str
    values: tuple[DatedValue, ...]
    name_en: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        _check_names(self.name, self.name_zh)
        if len(self.values) > LIMIT_VALUES:
            raise FeelError("too_many_values", NOWHERE, name=self.name, limit=LIMIT_VALUES)
        seen = [(value.district, value.valid_from) for value in self.values]
        if len(set(seen)) < len(seen):
            raise FeelError("value_twice", NOWHERE, name=self.name)

    @property
    def differs_by_district(self) -> bool:
        """Whether the district has to be known."""
        return any(value.district for value in self.values)

    @property
    def differs_by_date(self) -> bool:
        """Whether the day has to be known."""
        return any(value.valid_from for value in self.values)

    def by_precedence(self) -> Sequence[DatedValue]:
        """The values in the order in which the first that applies counts: a district's own, and the latest."""
        return sorted(
            self.values, key=lambda each: (not each.district, -(each.valid_from or dt.date.min).toordinal(), each.value)
        )

    def at(self, *, on: dt.date, district: str | None) -> Decimal | None:
        """The value in force on a day: the district's own, else the one of everywhere; None before the first."""
        for each in self.by_precedence():
            if each.district in ("", district) and (each.valid_from is None or each.valid_from <= on):
                return each.value
        return None


@dataclass(frozen=True, slots=True)
class ClauseText:
    """A condition that many policies share."""

    name: str
    name_zh: str
    title_zh: str
    title_en: str
    feel: str

    def __post_init__(self) -> None:
        _check_names(self.name, self.name_zh)


@dataclass(frozen=True, slots=True)
class InputText:
    """What one column of a decision table looks at."""

    label_zh: str
    label_en: str
    feel: str


@dataclass(frozen=True, slots=True)
class RowText:
    """One row of a decision table: a unary test for each input ("-" for any), and what it answers."""

    cells: tuple[str, ...]
    output: str


@dataclass(frozen=True, slots=True)
class TableText:
    """A decision table as it was written; its hit policy is "U", "F" or "C+"."""

    name: str
    name_zh: str
    hit_policy: str
    inputs: tuple[InputText, ...]
    rows: tuple[RowText, ...]
    name_en: str = ""

    def __post_init__(self) -> None:
        _check_names(self.name, self.name_zh)
        if self.hit_policy not in HIT_POLICIES:
            raise FeelError("bad_hit_policy", NOWHERE, found=self.hit_policy, known=", ".join(HIT_POLICIES))
        if not 1 <= len(self.inputs) <= LIMIT_INPUTS:
            raise FeelError("bad_input_count", NOWHERE, count=len(self.inputs), limit=LIMIT_INPUTS)
        if not 1 <= len(self.rows) <= LIMIT_ROWS:
            raise FeelError("bad_row_count", NOWHERE, count=len(self.rows), limit=LIMIT_ROWS)
        for number, row in enumerate(self.rows, start=1):
            self._check_row(number, row)

    def _check_row(self, number: int, row: RowText) -> None:
        if len(row.cells) != len(self.inputs):
            raise FeelError("bad_cell_count", NOWHERE, row=number, count=len(row.cells), wanted=len(self.inputs))
        for column, cell in enumerate(row.cells, start=1):
            if len(cell) > LIMIT_CELL:
                raise FeelError("cell_too_long", NOWHERE, row=number, column=column, limit=LIMIT_CELL)
        if len(row.output) > LIMIT_OUTPUT:
            raise FeelError("output_too_long", NOWHERE, row=number, limit=LIMIT_OUTPUT)


Definition = ParameterText | TableText | ClauseText


@dataclass(frozen=True, slots=True)
class Definitions:
    """Everything one version's rules may call by name, each name once."""

    parameters: tuple[ParameterText, ...] = ()
    tables: tuple[TableText, ...] = ()
    clauses: tuple[ClauseText, ...] = ()

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for each in self:
            for name in {each.name, each.name_zh} - {""}:
                if name in seen:
                    raise FeelError("name_twice", NOWHERE, name=name)
                seen.add(name)

    def __iter__(self) -> Iterator[Definition]:
        yield from self.parameters
        yield from self.tables
        yield from self.clauses

    def find(self, name: str) -> Definition | None:
        """Find the definition with this name, in either language."""
        return next((each for each in self if name and name in (each.name, each.name_zh)), None)

    def names(self) -> list[str]:
        """All names, in both languages."""
        return [name for each in self for name in (each.name, each.name_zh) if name]
