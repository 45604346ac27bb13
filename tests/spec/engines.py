"""Both engines side by side: one answer, or a failed test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, TypedDict, Unpack

from django.db import connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.datasets.catalogue import Absence, Catalogue, Fact, FactGroup, FactType
from policies.feel.checking.check import check
from policies.feel.definitions import Definitions
from policies.feel.python.evaluate import evaluate
from policies.feel.sql.fact_joins import FactJoins
from policies.feel.sql.literals import answer_from
from policies.feel.terms import Expression
from policies.feel.types.types import ListOf
from policies.feel.types.values import format_number
from policies.feel.words.json_facts import compile_statement, read_facts
from policies.feel.words.mentions import find_mentions

NUMBER, STRING, BOOLEAN, DATE = FactType.NUMBER, FactType.STRING, FactType.BOOLEAN, FactType.DATE


def answer(text: str, facts: Mapping[str, object] | None = None) -> Any:
    """What both engines answer for facts given by hand."""
    read = read_facts({name: as_json(value) for name, value in (facts or {}).items()})
    assert read.left_out == {}
    rule = check(text, catalogue=read.catalogue)
    python = evaluate(rule, facts=read.facts)
    assert _comparable(by_sql(compile_statement(rule, read), rule), rule) == _comparable(python, rule)
    return python


def by_sql(query: Composable, rule: Expression) -> Any:
    """The one value of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(cursor.connection))
        (value,) = cursor.fetchone()
    return answer_from(value, rule.type)


def as_json(value: object) -> object:
    """A value the way facts are given by hand."""
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return {"date": value.isoformat()} if isinstance(value, dt.date) else value


def _comparable(value: Any, rule: Expression) -> Any:
    """Departments' records have no order, so neither has a list of them."""
    return sorted(value, key=_place) if isinstance(rule.type, ListOf) and isinstance(value, list) else value


def _place(value: Any) -> str:
    """A key to order values by; 0.0 and 0 have the same key."""
    return format_number(value) if isinstance(value, Decimal) else repr(value)


def group(name: str, name_zh: str, *facts: tuple[str, str, FactType], **more: Any) -> FactGroup:
    """A group whose columns have the names of its facts."""
    return FactGroup(
        name=name,
        name_zh=name_zh,
        name_en=name.title(),
        dataset=name,
        department="tax bureau",
        relation=f"feel_{name}",
        owner_column="company_id",
        facts={fact: Fact(fact, zh, fact.title(), kind, fact) for fact, zh, kind in facts},
        **more,
    )


CATALOGUE = Catalogue(
    {
        made.name: made
        for made in (
            group(
                "company", "企业",
                ("district", "所属区县", STRING), ("size", "规模", STRING), ("staff", "人数", NUMBER),
                ("founded_on", "成立日期", DATE), ("is_state_owned", "国有", BOOLEAN), is_list=False,
            ),
            group("bank", "开户", ("bank", "银行", STRING), ("balance", "余额", NUMBER), is_list=False),
            group("tax", "税务", ("year", "年度", NUMBER), ("revenue", "营业收入", NUMBER), is_list=True),
            group(
                "credit", "信用记录", ("kind", "类别", STRING), ("listed_on", "列入日期", DATE),
                ("is_serious", "严重", BOOLEAN), is_list=True, absence=Absence.NONE,
            ),
        )
    }
)  # fmt: skip
COLUMN_TYPES = {NUMBER: "numeric(18, 4)", STRING: "varchar(40)", BOOLEAN: "boolean", DATE: "date"}

Company = dict[str, Any]


class KnownToo(TypedDict, total=False):
    """Values that may be known beside the records."""

    stale: frozenset[str]
    definitions: Definitions
    as_of: dt.date


@dataclass(frozen=True)
class City:
    """Companies with their departments' records, both in tables and as mappings."""

    companies: Mapping[int, Company]

    def deliver(self) -> None:
        """Put the records into tables of the catalogue's names, by one statement."""
        with connection.cursor() as cursor:
            cursor.execute(self._tables.as_string(cursor.connection))

    @cached_property
    def _tables(self) -> Composable:
        return SQL("; ").join(_table(made, self._rows_of(made.name)) for made in CATALOGUE.groups.values())

    def _rows_of(self, group: str) -> list[tuple[int, Company]]:
        return [(number, row) for number, facts in self.companies.items() for row in _rows(facts.get(group))]

    def answers(self, text: str, **known: Unpack[KnownToo]) -> dict[int, Any]:
        """What both engines answer for each company; the evidence of both agrees too."""
        return self.all_answers([text], **known)[text]

    def all_answers(self, texts: list[str], **known: Unpack[KnownToo]) -> dict[str, dict[int, Any]]:
        """The answers to several rules, compiled together into one statement."""
        rules = [check(text, catalogue=CATALOGUE, definitions=known.get("definitions")) for text in texts]
        rows = _by_city_sql(rules, known)
        return {
            text: self._agreed(rule, rows, place, known)
            for place, (text, rule) in enumerate(zip(texts, rules, strict=True))
        }

    def _agreed(self, rule: Expression, rows: list[Any], place: int, too: KnownToo) -> dict[int, Any]:
        agreed = {}
        stale, as_of = too.get("stale", frozenset()), too.get("as_of")
        for company_id, answers, evidence in rows:
            facts = self.companies[company_id]
            python = evaluate(rule, facts=facts, stale=stale, as_of=as_of)
            sql = answer_from(answers[place], rule.type)
            assert _comparable(sql, rule) == _comparable(python, rule), (rule.text, facts, sql, python)
            mentioned = [
                evaluate(Expression(mention.text, mention.term, mention.type), facts=facts, stale=stale, as_of=as_of)
                for mention in find_mentions(rule)
            ]
            decoded = [
                answer_from(value, mention.type)
                for value, mention in zip(evidence[place], find_mentions(rule), strict=True)
            ]
            assert decoded == mentioned, (rule.text, facts)
            agreed[company_id] = python
        return agreed


def _by_city_sql(rules: list[Expression], known: KnownToo) -> list[Any]:
    joins = FactJoins(
        CATALOGUE,
        owners={"company": SQL("c.company_id")},
        bound={"company": SQL("c")},
        stale=known.get("stale", frozenset()),
        as_of=known.get("as_of"),
    )
    columns: list[Composable] = [SQL("c.company_id")]
    shapes = []
    for rule in rules:
        columns.append(joins.value(rule))
        evidence = [joins.term(mention.term) for mention in find_mentions(rule)]
        columns.extend(evidence)
        shapes.append(len(evidence))
    query = SQL("SELECT {} FROM feel_company AS c {} ORDER BY 1").format(SQL(", ").join(columns), joins.joins())
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(cursor.connection))
        return [_shaped(row, shapes) for row in cursor.fetchall()]


def _shaped(row: tuple[Any, ...], shapes: list[int]) -> tuple[int, list[Any], list[list[Any]]]:
    company_id, *rest = row
    answers, evidence = [], []
    for length in shapes:
        answers.append(rest.pop(0))
        evidence.append([rest.pop(0) for _ in range(length)])
    return company_id, answers, evidence


def _rows(value: Any) -> list[Company]:
    return value if isinstance(value, list) else [value] if value is not None else []


def _table(made: FactGroup, rows: list[tuple[int, Company]]) -> Composable:
    columns = SQL(", ").join(
        SQL("{} {}").format(Identifier(fact.column), SQL(COLUMN_TYPES[fact.type])) for fact in made.facts.values()
    )
    empty = SQL("CREATE TEMP TABLE IF NOT EXISTS {0} (company_id integer NOT NULL, {1}); DELETE FROM {0}").format(
        Identifier(made.relation), columns
    )
    if not rows:
        return empty
    written = (SQL("({})").format(SQL(", ").join(_values(made, *row))) for row in rows)
    return SQL("{}; INSERT INTO {} VALUES {}").format(empty, Identifier(made.relation), SQL(", ").join(written))


def _values(made: FactGroup, company_id: int, row: Company) -> list[Composable]:
    return [Literal(company_id), *(Literal(row.get(name)) for name in made.facts)]


def number(text: str) -> Decimal:
    """The shortest text of a decimal."""
    return Decimal(text)
