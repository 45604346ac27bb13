"""What a definition may not be, and how far names reach: each limit refuses with its sentence."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from policies.feel import definitions
from policies.feel.checking import expand
from policies.feel.checking.check import check
from policies.feel.definitions import (
    LIMIT_CELL,
    LIMIT_INPUTS,
    LIMIT_OUTPUT,
    LIMIT_ROWS,
    LIMIT_VALUES,
    ClauseText,
    DatedValue,
    Definitions,
    InputText,
    ParameterText,
    RowText,
    TableText,
)
from policies.feel.messages.definition_sentences import SENTENCES
from policies.feel.messages.errors import FeelError
from policies.feel.words.mentions import find_mentions
from tests.spec.engines import CATALOGUE
from tests.spec.test_definitions import DEFINITIONS, named, table

ONE = (InputText("", "", "company.staff"),)
ROW = RowText(("-",), "1")


def _table(*, hit_policy: str = "U", inputs: Any = ONE, rows: Any = (ROW,)) -> TableText:
    return TableText("t", "", hit_policy, inputs, rows)


def _dated(days: int) -> DatedValue:
    return DatedValue(Decimal(1), "", dt.date(2000, 1, 1) + dt.timedelta(days))


IMPOSSIBLE: list[tuple[str, Any]] = [
    ("bad_name", lambda: named("two words", "true")),
    ("bad_name", lambda: named("1st", "true")),
    ("bad_name", lambda: named("a;b", "true")),
    ("bad_name", lambda: named("a" * 61, "true")),
    ("bad_name", lambda: named("", "true")),
    ("bad_name", lambda: ClauseText("a", "非 严重", "", "", "true")),
    ("reserved_name", lambda: named("sum", "true")),
    ("reserved_name", lambda: named("if", "true")),
    ("reserved_name", lambda: named("as_of", "true")),
    ("reserved_name", lambda: ClauseText("a", "基准日", "", "", "true")),
    ("bad_value", lambda: DatedValue(Decimal("NaN"))),
    ("bad_district", lambda: DatedValue(Decimal(1), "Xihu")),
    ("too_many_values", lambda: ParameterText("p", "", tuple(_dated(days) for days in range(LIMIT_VALUES + 1)))),
    ("value_twice", lambda: ParameterText("p", "", (DatedValue(Decimal(1)), DatedValue(Decimal(2))))),
    ("bad_hit_policy", lambda: _table(hit_policy="C")),
    ("bad_input_count", lambda: _table(inputs=(), rows=(RowText((), "1"),))),
    ("bad_input_count", lambda: _table(inputs=ONE * (LIMIT_INPUTS + 1))),
    ("bad_row_count", lambda: _table(rows=())),
    ("bad_row_count", lambda: _table(rows=(ROW,) * (LIMIT_ROWS + 1))),
    ("bad_cell_count", lambda: _table(rows=(RowText(("-", "-"), "1"),))),
    ("cell_too_long", lambda: _table(rows=(RowText(("1" * (LIMIT_CELL + 1),), "1"),))),
    ("output_too_long", lambda: _table(rows=(RowText(("-",), "1" * (LIMIT_OUTPUT + 1)),))),
    ("name_twice", lambda: Definitions(clauses=(named("a", "true"), named("a", "false")))),
    ("name_twice", lambda: Definitions(clauses=(named("a", "true"), ClauseText("b", "a", "", "", "true")))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "made"), IMPOSSIBLE)
def test_what_cannot_be(code: str, made: Any) -> None:
    with pytest.raises(FeelError) as refused:
        made()
    assert refused.value.code == code


def test_the_limits_are_the_last_accepted() -> None:
    _table(rows=(RowText(("1".rjust(LIMIT_CELL),), "1".rjust(LIMIT_OUTPUT)),) * LIMIT_ROWS)
    _table(inputs=ONE * LIMIT_INPUTS, rows=(RowText(("-",) * LIMIT_INPUTS, "1"),))
    named("a" * 60, "true")


def test_a_name_that_a_department_has_keeps_its_meaning() -> None:
    """A group's name wins in a rule; a version that takes it is told when it is checked as a whole."""
    defined = Definitions(clauses=(named("tax", "true"),))
    assert [
        mention.text for mention in find_mentions(check("count(tax)", catalogue=CATALOGUE, definitions=defined))
    ] == ["count(tax)"]
    with pytest.raises(FeelError) as refused:
        expand.refuse_taken_names(defined, CATALOGUE)
    assert refused.value.code == "name_taken"


def test_a_loop_keeps_its_own_names() -> None:
    """A fact of the filtered register, and a loop's variable, come before a definition of the same name."""
    defined = Definitions(clauses=(named("year", "true"), named("t", "true")))
    rule = "tax[year = 2019].revenue > 1 and (some t in tax satisfies t.year = 1)"
    check(rule, catalogue=CATALOGUE, definitions=defined)


def test_a_definition_does_not_see_the_loop_around_its_name() -> None:
    defined = Definitions(clauses=(named("late", "t.year > 2020"),))
    with pytest.raises(FeelError) as refused:
        check("some t in tax satisfies late", catalogue=CATALOGUE, definitions=defined)
    assert refused.value.code == "definition_refused"


def test_what_is_written_out_has_limits() -> None:
    big = table("big", "F", "company.staff", *[f"< {number} -> {number}" for number in range(LIMIT_ROWS)])
    defined = Definitions(tables=(big,))
    check(" + ".join(["big"] * 9), catalogue=CATALOGUE, definitions=defined)
    with pytest.raises(FeelError) as refused:
        check(" + ".join(["big"] * 10), catalogue=CATALOGUE, definitions=defined)
    assert refused.value.code == "too_large_in_full"


def test_doubling_names_are_refused_before_they_grow() -> None:
    doubling = [named("c0", "company.staff > 1")]
    doubling += [named(f"c{number}", f"c{number - 1} and c{number - 1}") for number in range(1, 40)]
    started = time.process_time()
    with pytest.raises(FeelError) as refused:
        check("c39", catalogue=CATALOGUE, definitions=Definitions(clauses=tuple(doubling)))
    assert refused.value.code == "too_large_in_full"
    assert time.process_time() - started < 1


def test_a_deep_chain_of_names_is_refused() -> None:
    nested = "not(" * 30 + "{}" + ")" * 30
    chain = [named("c0", nested.format("true"))]
    chain += [named(f"c{number}", nested.format(f"c{number - 1}")) for number in range(1, 9)]
    with pytest.raises(FeelError) as refused:
        check("c8", catalogue=CATALOGUE, definitions=Definitions(clauses=tuple(chain)))
    assert refused.value.code == "too_deep_in_full"
    check("c2", catalogue=CATALOGUE, definitions=Definitions(clauses=tuple(chain)))


def test_every_sentence_is_said_somewhere_and_in_chinese() -> None:
    sources = " ".join(path.read_text(encoding="utf-8") for path in Path(definitions.__file__).parents[1].rglob("*.py"))
    for code, (english, chinese) in SENTENCES.items():
        assert sources.count(f'"{code}"') > 1, code
        assert english.endswith((".", "}")), code
        assert chinese.endswith(("。", "}")), code


def test_a_definition_is_found_by_either_name() -> None:
    assert DEFINITIONS.find("比例") is DEFINITIONS.parameters[0]
