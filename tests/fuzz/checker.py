"""
Feeds random texts to the checker alone: it has to accept each text, or refuse it with a sentence.

`python -m tests.fuzz.checker --texts 100000 --seed 1` prints every kind of crash once, with the shortest text found.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from psycopg.sql import SQL, Identifier

from companies.datasets.catalogue import Catalogue, Fact, FactType
from policies.feel.checking.check import check
from policies.feel.definitions import (
    ClauseText,
    DatedValue,
    Definitions,
    InputText,
    ParameterText,
    RowText,
    TableText,
)
from policies.feel.messages.errors import FeelError
from policies.feel.python.evaluate import evaluate
from policies.feel.sql.fact_joins import FactJoins
from policies.feel.words.cautions import find_cautions
from policies.feel.words.explain import explain_rule, show_rule
from policies.feel.words.mentions import find_mentions
from policies.feel.words.table_review import review_table
from tests.fuzz.texts import rule_text, tokens_of
from tests.spec import engines

LISTS = {
    "numbers": FactType.NUMBER, "words": FactType.STRING, "days": FactType.DATE, "flags": FactType.BOOLEAN,
    "nulls": FactType.NULL, "moments": FactType.DATE_TIME,
}  # fmt: skip
SINGLE = {"word": FactType.STRING, "nothing": FactType.NULL, "moment": FactType.DATE_TIME, "clock": FactType.TIME}
CATALOGUE = Catalogue(
    engines.CATALOGUE.groups,
    {name: Fact(name, name, name, kind, name) for name, kind in SINGLE.items()}
    | {name: Fact(name, name, name, kind, name, is_list=True) for name, kind in LISTS.items()},
)
DEFINITIONS = Definitions(
    parameters=(ParameterText("rate", "费率", (DatedValue(Decimal("0.3")), DatedValue(Decimal("0.6"), "330106"))),),
    tables=(TableText("tier", "档次", "U", (InputText("", "", "bank.balance"),), (RowText(("< 10",), "1"),)),),
    clauses=(ClauseText("sound", "经营正常", "", "", 'company.size != "x"'),),
)
SLOWEST_SECONDS = 5
CELL_EVERY = 10


@dataclass(frozen=True)
class Crash:
    """A text that raised something other than a refusal, or that took too long."""

    text: str
    reason: str


@dataclass
class Tally:
    """The counts of accepted and refused texts."""

    accepted: int = 0
    refused: int = 0
    slowest_seconds: float = 0
    slowest_text: str = ""


def find_crashes(*, texts: int, seed: int, tally: Tally) -> Iterator[Crash]:
    """The texts of a seed that crash the checker; each text depends only on the seed and on its number."""
    for number in range(texts):
        text = rule_text(Random(f"{seed}:{number}"))
        use = _use_as_cell if number % CELL_EVERY == 0 else _use_as_rule
        started = time.process_time()
        reason = _failure(use, text, tally)
        seconds = time.process_time() - started
        if seconds > tally.slowest_seconds:
            tally.slowest_seconds, tally.slowest_text = seconds, text
        if seconds > SLOWEST_SECONDS:
            reason = reason or f"{seconds:.1f} seconds"
        if reason:
            yield Crash(_shorten(use, text, reason), reason)


def _failure(use: Callable[[str], None], text: str, tally: Tally) -> str | None:
    try:
        use(text)
    except FeelError as refusal:
        tally.refused += 1
        return None if refusal.message and refusal.message_zh else f"{refusal.code} without a sentence"
    except Exception as failure:
        return _where(failure)
    else:
        tally.accepted += 1
    return None


def _where(failure: Exception) -> str:
    """The type of an exception and our line that raised it, so that each fault is printed once."""
    place, traceback = "", failure.__traceback__
    while traceback:
        code = traceback.tb_frame.f_code
        if "policies" in code.co_filename:
            place = f"{code.co_filename.rpartition('policies/')[2]}:{traceback.tb_lineno} {code.co_name}"
        traceback = traceback.tb_next
    return f"{type(failure).__name__} in {place}"


def _use_as_rule(text: str) -> None:
    """Check a rule; if it is accepted, also write, explain, compile and evaluate it, with all facts unknown."""
    rule = check(text, catalogue=CATALOGUE, definitions=DEFINITIONS)
    for language in ("en", "zh"):
        show_rule(rule, language=language)
        explain_rule(rule, language=language)
    find_cautions(rule)
    find_mentions(rule)
    evaluate(rule, facts={})
    evaluate(rule, facts={}, stale=frozenset({"tax", "company"}))
    joins = FactJoins(CATALOGUE, owners={"company": SQL("firm.id")}, bound={"": Identifier("firm")})
    joins.value(rule).as_string(None)
    joins.joins().as_string(None)


def _use_as_cell(text: str) -> None:
    row = RowText((text[:400],), "1")
    review_table(TableText("t", "", "U", (InputText("", "", "company.staff"),), (row,)), catalogue=CATALOGUE)


def _shorten(use: Callable[[str], None], text: str, reason: str) -> str:
    """The text without every part that the crash does not need."""
    tokens, size = tokens_of(text), len(tokens_of(text)) // 2
    while size:
        for start in range(0, len(tokens), size):
            fewer = tokens[:start] + tokens[start + size :]
            if _failure(use, "".join(fewer), Tally()) == reason:
                tokens = fewer
                break
        else:
            size //= 2
    return "".join(tokens)


def main() -> int:
    """Run from the command line; the exit code says whether a text crashed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--texts", type=int, default=100_000)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    tally, found = Tally(), dict[str, Crash]()
    for crash in find_crashes(texts=options.texts, seed=options.seed, tally=tally):
        if crash.reason not in found:
            print(f"{crash.reason}\n    {crash.text!r}", flush=True)  # noqa: T201
        found.setdefault(crash.reason, crash)
    print(  # noqa: T201
        f"{tally.accepted} accepted, {tally.refused} refused, {len(found)} kinds of crashes; "
        f"slowest {tally.slowest_seconds:.2f} s: {tally.slowest_text[:200]!r}"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
