"""Answer rules on both engines: `manage.py feel 'a + 1' --facts facts.json`, or `--batch cases.jsonl`."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, transaction

from policies.feel.checking.check import check
from policies.feel.messages.errors import FeelError
from policies.feel.python.evaluate import evaluate
from policies.feel.sql.literals import answer_from
from policies.feel.terms import Expression
from policies.feel.words.json_facts import BadFacts, JsonFacts, compile_statement, read_facts, write_answer
from qinqing.kit.limits import measure_limits
from qinqing.kit.runner import judge_cases, read_cases, write_page

STATEMENT_TIMEOUT = "5s"

Outcome = dict[str, Any]


class Command(BaseCommand):
    """Prints one JSON line per case: its id, and what each engine answers or why it refuses."""

    help = "Answers a rule, or a file of rules, on both engines and prints one JSON line for each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("expression", nargs="?", help="the rule")
        parser.add_argument("--facts", type=Path, help="a JSON file: names and values")
        parser.add_argument(
            "--batch", type=Path, help='JSON lines, each with "id", "expression" and, if it has any, "facts"'
        )
        parser.add_argument("--tck", type=Path, help='the public test kit: lines as for --batch, with "expected" too')
        parser.add_argument("--limits", action="store_true", help="how long the checker takes at its very limits")
        parser.add_argument("--write", type=Path, help="where the page about the test kit goes; printed otherwise")

    def handle(self, *args: object, **options: Any) -> None:
        expression, batch, kit = options["expression"], options["batch"], options["tck"]
        if [expression, batch, kit, options["limits"] or None].count(None) != 3:
            raise CommandError(
                "Give a rule, or --batch with a file of rules, or --tck with the test kit, or --limits; only one."
            )
        if options["limits"]:
            for title, milliseconds in measure_limits():
                self.stdout.write(f"{milliseconds:6.1f} ms  {title}")
        elif kit is not None:
            self._judge(kit, options["write"])
        elif batch is None:
            self._print({"id": "1", "expression": expression, "facts": _facts_of(options["facts"])})
        else:
            self._answer_lines(batch)

    def _judge(self, kit: Path, target: Path | None) -> None:
        try:
            text = write_page(judge_cases(read_cases(kit)))
        except (OSError, ValueError, KeyError) as failure:
            raise CommandError(f"{kit} cannot be read as a test kit: {failure}.") from None
        if target is None:
            self.stdout.write(text)
        else:
            target.write_text(text, encoding="utf-8")

    def _answer_lines(self, batch: Path) -> None:
        unread = 0
        for number, line in enumerate(_content(batch).split(b"\n"), start=1):
            if not line.strip():
                continue
            try:
                self._print(_case(line))
            except _BadLine as reason:
                unread += 1
                self.stderr.write(f"{batch.name}, line {number}: {reason}")
        if unread:
            raise CommandError(f"{unread} of the lines could not be read; the others are answered above.")

    def _print(self, case: dict[str, Any]) -> None:
        outcome = {"id": case["id"], **_answers(case["expression"], case["facts"])}
        self.stdout.write(json.dumps(outcome, ensure_ascii=False))


class _BadLine(ValueError):
    """A line that is no case; the argument is a whole sentence."""


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as failure:
        raise CommandError(f"{path} cannot be read: {failure.strerror}.") from None


def _facts_of(path: Path | None) -> object:
    if path is None:
        return {}
    try:
        return _json(_content(path))
    except _BadLine as reason:
        raise CommandError(f"{path.name}: {reason}") from None


def _json(content: bytes) -> object:
    try:
        return json.loads(content.decode("utf-8"), parse_float=Decimal, parse_constant=_no_constant)
    except UnicodeDecodeError as failure:
        raise _BadLine(f"the byte at position {failure.start + 1} is not UTF-8.") from None
    except json.JSONDecodeError as failure:
        raise _BadLine(f"this is not JSON ({failure.msg}, line {failure.lineno}, column {failure.colno}).") from None
    except RecursionError:
        raise _BadLine("the JSON is nested too deeply.") from None
    except ValueError as failure:
        raise _BadLine(f"this is not JSON ({failure}).") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _case(line: bytes) -> dict[str, Any]:
    case = _json(line)
    if not isinstance(case, dict):
        raise _BadLine('a case is a JSON object with "id" and "expression".')
    if not isinstance(case.get("expression"), str):
        raise _BadLine('"expression" is missing, or is not text.')
    return {"id": case.get("id"), "expression": case["expression"], "facts": case.get("facts")}


def _answers(text: str, facts: object) -> Outcome:
    try:
        read = read_facts(facts)
        rule = check(text, catalogue=read.catalogue)
    except BadFacts as refusal:
        return _refused(str(refusal))
    except FeelError as refusal:
        return _refused(_reason(refusal, facts))
    return {"sql": _by_sql(rule, read), "python": _by_python(rule, read)}


def _refused(sentence: str) -> Outcome:
    return {"sql": {"refused": sentence}, "python": {"refused": sentence}}


def _reason(refusal: FeelError, facts: object) -> str:
    """The refusal, or why a fact that was given is not known."""
    name = str(refusal.params.get("name"))
    left_out = read_facts(facts).left_out
    if refusal.code.startswith("unknown") and name in left_out:
        return f"The fact “{name}” holds {left_out[name]}, which this rule language has no type for."
    return f"{refusal.message} (at character {refusal.position + 1})"


def _by_sql(rule: Expression, read: JsonFacts) -> Outcome:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")
            cursor.execute(compile_statement(rule, read).as_string(cursor.connection))
            (value,) = cursor.fetchone()
    except DatabaseError as failure:
        return {"refused": f"The database could not answer: {str(failure).splitlines()[0]}."}
    return {"value": write_answer(answer_from(value, rule.type))}


def _by_python(rule: Expression, read: JsonFacts) -> Outcome:
    try:
        return {"value": write_answer(evaluate(rule, facts=read.facts))}
    except (DecimalException, OverflowError) as failure:
        return {"refused": f"The numbers became too large ({type(failure).__name__})."}
