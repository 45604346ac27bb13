"""SQL compares a column of choices only with its choices: no word is misspelt or comes from an old list."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

APPS = ("companies", "policies", "payouts", "proposals", "qinqing")
TABLE = re.compile(rf"\b((?:{'|'.join(APPS)})_[a-z0-9]+)(?:\s+(?:AS\s+)?(?!ON\b|SET\b|WHERE\b|JOIN\b)([a-z_]\w*))?")
WORDS = r"'\w*'(?:::\w+)?"
COMPARED = re.compile(
    rf"\b(?:(?P<alias>\w+)\.)?(?P<column>[a-z_]+)\s*"
    rf"(?:(?:=|<>|!=|IS (?:NOT )?DISTINCT FROM)\s*(?P<word>{WORDS})"
    rf"|(?:NOT )?IN\s*\((?P<words>\s*{WORDS}(?:\s*,\s*{WORDS})*)\s*\))"
)


# The words of each column of choices, by column and table; None where the column of a table holds any text.
Choices = dict[str, dict[str, set[str] | None]]


def choices() -> Choices:
    """The columns of which at least one table has choices."""
    found: Choices = defaultdict(dict)
    for model in apps.get_models():
        for field in model._meta.concrete_fields if model._meta.app_label in APPS else ():
            words = {str(value) for value, _label in field.flatchoices} if field.choices else None
            found[field.column][model._meta.db_table] = words
    return {column: of_table for column, of_table in found.items() if any(of_table.values())}


CHOICES = choices()


def unknown_words(statement: str) -> list[str]:
    """The words that the statement compares with a column of choices, and that no table in question has as a choice."""
    mentioned = TABLE.findall(statement)
    tables = {"": {table for table, _alias in mentioned}} | {alias: {table} for table, alias in mentioned if alias}
    return [
        f"{column} = {word}"
        for alias, column, word in compared(statement)
        if word and not _may_be(column, word, tables.get(alias, set()))
    ]


def _may_be(column: str, word: str, tables: set[str]) -> bool:
    """Whether one of the tables has the word; where none has the column, as OLD and NEW, whether any table has it."""
    of_table = CHOICES[column]
    meant = [of_table[table] for table in tables & of_table.keys()] or [each for each in of_table.values() if each]
    return any(words is None or word in words for words in meant)


def compared(statement: str) -> Iterator[tuple[str, str, str]]:
    """Alias, column and word of each comparison with a column of choices."""
    for each in COMPARED.finditer(statement):
        if each["column"] in CHOICES:
            for word in re.findall(r"'(\w*)'", each["word"] or each["words"]):
                yield each["alias"] or "", each["column"], word


def texts() -> Iterator[tuple[Path, str]]:
    """Every SQL text of the product: the strings of its modules, and its files of SQL."""
    for app in APPS:
        for path in sorted((Path(settings.BASE_DIR) / app).rglob("*")):
            if path.suffix == ".sql":
                yield path, path.read_text()
            elif path.suffix == ".py" and "migrations" not in path.parts:
                yield from ((path, text) for text in _strings(ast.parse(path.read_text())))


def _strings(tree: ast.AST) -> Iterator[str]:
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


def test_every_word_of_a_status_in_sql_is_a_choice_of_its_column() -> None:
    wrong = [f"{path}: {each}" for path, text in texts() for each in unknown_words(text)]
    assert not wrong, "\n".join(wrong)


def test_the_statements_are_read() -> None:
    read = {(column, word) for _path, text in texts() for _alias, column, word in compared(text)}
    assert {("status", "in_doubt"), ("outcome", "returned"), ("decision", "confirmed")} <= read
    assert len(read) > 60


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("SELECT FROM payouts_payout p WHERE p.status = 'paid'", []),
        ("SELECT FROM payouts_payout p WHERE p.status = 'payed'", ["status = payed"]),
        ("SELECT FROM payouts_payout p WHERE p.status = 'sealed'", ["status = sealed"]),
        ("UPDATE payouts_batch b SET status = 'reconsiled'", ["status = reconsiled"]),
        ("SELECT FROM payouts_batch AS b WHERE b.status NOT IN ('open', 'shut')", ["status = shut"]),
        ("IF NEW.status IS DISTINCT FROM 'payd' THEN", ["status = payd"]),
        ("SELECT WHERE r.outcome IN ('paid', 'lost') AND r.name = 'lost'", ["outcome = lost"]),
    ],
)
def test_a_wrong_word_is_found(statement: str, wrong: list[str]) -> None:
    assert unknown_words(statement) == wrong
