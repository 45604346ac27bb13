"""How long the checker takes at the very limits of the rule language, in milliseconds of processor time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import process_time

from companies.contracts.facts import catalogue
from policies.editor.live_check import check_live
from policies.feel.checking.check import check
from policies.feel.definitions import LIMIT_ROWS, Definitions, InputText, RowText, TableText
from policies.feel.syntax import cells
from policies.feel.syntax.parse import LIMIT_CHARACTERS, LIMIT_DEPTH, measure_node, parse
from policies.feel.words.table_review import review_table
from policies.models import Subject

RUNS = 15
ALTERNATIVES, NUMBERS = 62, 490
_FACTS = ("tax[year = 2024].revenue", "company.size", "insurance_year[year = 2024].insured")
_SIZES = ('"small", "micro"', '"medium"', "-")


def measure_limits() -> Iterator[tuple[str, float]]:
    """
    The name of each check, and the best of `RUNS` times.

    "Cold" is the first read of a table; "warm" is a keystroke after it, when the cells are known.
    """
    known, table = catalogue(item=""), _table()
    defined = Definitions(tables=(table,))
    for title, text in _rules().items():
        parts, depth = measure_node(parse(text))
        yield f"{title}: {parts} parts, {depth} levels", _fastest(lambda text=text: check(text, catalogue=known))  # type: ignore[misc]
    works: dict[str, Callable[[], object]] = {
        "a rule that calls it": lambda: check("tiers > 5", catalogue=known, definitions=defined),
        "what the desk says of the rule": lambda: check_live(
            text="tiers > 5", subject=Subject.COMPANY, is_amount=False, version=None, definitions=defined
        ),
        "its gaps, overlaps and dead rows": lambda: review_table(table, catalogue=known, definitions=defined),
    }
    for title, work in works.items():
        title = f"a table of {LIMIT_ROWS} rows and {len(_FACTS)} columns, {title}"
        yield f"{title}, cold", _fastest(lambda work=work: _forget_caches(work))  # type: ignore[misc]
        yield f"{title}, warm", _fastest(work)


def _rules() -> dict[str, str]:
    either = " or ".join(f"tax[year = {2000 + place}].revenue > {place}" for place in range(ALTERNATIVES))
    return {
        f"a rule of {LIMIT_CHARACTERS:,} characters": either.ljust(LIMIT_CHARACTERS),
        "a written list": f"sum([{','.join(map(str, range(NUMBERS)))}]) > 1",
        "a nest": "not(" * (LIMIT_DEPTH - 1) + "true" + ")" * (LIMIT_DEPTH - 1),
    }


def _table() -> TableText:
    inputs = tuple(InputText(fact, fact, fact) for fact in _FACTS)
    rows = tuple(
        RowText((f"[{row * 1000}..{row * 1000 + 999}]", _SIZES[row % 3], f"< {row + 1}"), f"{row} * 100 + 5")
        for row in range(LIMIT_ROWS)
    )
    return TableText("tiers", "分档", "F", inputs, rows)


def _forget_caches(work: Callable[[], object]) -> None:
    cells.clear_caches()
    work()


def _fastest(work: Callable[[], object]) -> float:
    took = []
    for _ in range(RUNS):
        started = process_time()
        work()
        took.append(process_time() - started)
    return min(took) * 1000
