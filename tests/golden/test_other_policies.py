"""
Policies of other kinds than the demo set's, written as an officer would, and proved by examples on both engines.

Each policy also goes out as a file and comes back; the imported policy says the same and passes the same examples.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from policies.authoring.draft import draft_version
from policies.authoring.parts import ClauseText, ExampleText, ParameterText, TableText, ValueText
from policies.models import PolicyVersion
from policies.portable.export import export
from policies.portable.import_policy import import_policy
from policies.portable.read_dmn import read
from policies.trial.worked_examples import worked_examples
from tests.factories.clock import TODAY
from tests.factories.people import make_officer
from tests.factories.policies import make_policy

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Written:
    """A policy as an officer types it, and who gets what (None: not eligible, "unknown": a fact is missing)."""

    amount: str
    clauses: tuple[str, ...]
    people: tuple[tuple[dict[str, Any], str | None], ...]
    parameters: tuple[ParameterText, ...] = ()
    tables: tuple[TableText, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)


def parameter(name: str, name_zh: str, *values: tuple[str, str, str]) -> ParameterText:
    """A number by value, district and first day."""
    rows = [
        ValueText(Decimal(value), district, dt.date.fromisoformat(day) if day else None)
        for value, district, day in values
    ]
    return ParameterText(name, name_zh, tuple(rows))


def loan(**facts: Any) -> dict[str, Any]:
    usual = {"contract": "L-1", "is_fixed_asset": True, "drawn_on": "2022-01-10", "due_on": "2022-07-09"}
    return {"loan": usual | facts, "company": {"size": "small"}}


def months(first: int, last: int, **facts: Any) -> list[dict[str, Any]]:
    return [{"month": f"2022-{month:02d}", **facts} for month in range(first, last + 1)]


POLICIES = {
    # E, two-way: the size of the firm against the kind of its title.
    "a bracket table of two sides": Written(
        amount="title_award",
        clauses=('title.kind in ("high_tech", "little_giant")', 'title.awarded_on >= date("2022-01-01")'),
        tables=(
            TableText(
                "title_award",
                "称号奖励",
                (
                    {"label_zh": "称号", "label_en": "Title", "feel": "title.kind"},
                    {"label_zh": "规模", "label_en": "Size", "feel": "企业.企业规模"},
                ),
                (
                    {"cells": ['"high_tech"', '"large"'], "output": "100000"},
                    {"cells": ['"high_tech"', '"medium"'], "output": "150000"},
                    {"cells": ['"high_tech"', '"small", "micro"'], "output": "200000"},
                    {"cells": ['"little_giant"', '"large", "medium"'], "output": "500000"},
                    {"cells": ['"little_giant"', '"small", "micro"'], "output": "800000"},
                ),
                "U",
            ),
        ),
        fields={"subject": "title"},
        people=(
            ({"company": {"size": "medium"}, "title": {"kind": "high_tech", "awarded_on": "2022-05-01"}}, "150000"),
            ({"company": {"size": "micro"}, "title": {"kind": "little_giant", "awarded_on": "2022-05-01"}}, "800000"),
            ({"company": {"size": "micro"}, "title": {"kind": "little_giant", "awarded_on": "2021-05-01"}}, None),
            ({"company": {}, "title": {"kind": "little_giant", "awarded_on": "2022-05-01"}}, "unknown"),
        ),
    ),
    # P: the reference rate of the day on which the loan was drawn, less 50 basis points, by days, on at most 10
    # million.
    "interest at the reference rate less basis points": Written(
        amount="min(loan.principal, 10000000) * max(lpr(loan.drawn_on) - 0.005, 0)"
        ' * ((loan.due_on - loan.drawn_on) / duration("P1D")) / 360',
        clauses=('company.size in ("small", "micro")', "loan.rate <= lpr(loan.drawn_on) + 0.01"),
        parameters=(parameter("lpr", "贷款市场报价利率", ("0.038", "", "2021-01-01"), ("0.037", "", "2022-01-20")),),
        fields={"subject": "loan"},
        people=(
            # 2,000,000 × 3.3 % × 180 / 360, and half a point less ten days later.
            (loan(principal=2000000, rate="0.04"), "33000"),
            (loan(principal=2000000, rate="0.04", drawn_on="2022-01-20", due_on="2022-07-19"), "32000"),
            (loan(principal=60000000, rate="0.04"), "165000"),
            (loan(principal=60000000, rate="0.05"), None),
            (loan(principal=60000000), "unknown"),
        ),
    ),
    # K: twelve months without a gap before the reference day; 500 for each of the last three insured months.
    "continuous months": Written(
        amount='500 * sum(insurance[month > substring(string(as_of - duration("P3M")), 1, 7)'
        " and month <= substring(string(as_of), 1, 7)].insured) / 3",
        clauses=(
            'count(insurance[is_paid != null and is_paid and month > substring(string(as_of - duration("P12M")), 1, 7)'
            " and month <= substring(string(as_of), 1, 7)]) = 12",
        ),
        fields={"as_of_on": dt.date(2022, 12, 31)},
        people=(
            ({"insurance": months(1, 12, is_paid=True, insured=30)}, "15000"),
            ({"insurance": months(1, 11, is_paid=True, insured=30)}, None),
            ({}, "unknown"),
        ),
    ),
    # O: the rate rose in July; a firm paid at the old rate gets the difference once, at least 100 yuan.
    "make-up after a rate rise": Written(
        amount='sum(for m in insurance[month >= "2022-01" and month <= "2022-12"]'
        ' return m.insured * monthly(date(m.month + "-01"))) - sum(received[policy = "P-OLD"].amount)',
        clauses=('count(received[policy = "P-OLD"]) > 0',),
        parameters=(parameter("monthly", "月标准", ("100", "", ""), ("120", "", "2022-07-01")),),
        fields={"minimum_cny": Decimal(100)},
        people=(
            # Twelve months at 100 were paid for 3 people; six of them are worth 20 more.
            (
                {
                    "insurance": months(1, 12, insured=3),
                    "received": [{"policy": "P-OLD", "period": "2022", "amount": 3600, "paid_on": "2022-12-01"}],
                },
                "360",
            ),
            (
                {
                    "insurance": months(1, 7, insured=3),
                    "received": [{"policy": "P-OLD", "period": "2022", "amount": 2100, "paid_on": "2022-12-01"}],
                },
                None,
            ),
            ({"insurance": months(1, 12, insured=3), "received": []}, None),
        ),
    ),
    # I and U: true marginal slabs of the tax paid, down to whole hundreds, never above the tax itself.
    "marginal slabs, rounded down, capped by the tax paid": Written(
        amount="min(floor(slabs / 100) * 100, tax[year = 2022].tax_paid)",
        clauses=("tax[year = 2022].revenue > tax[year = 2021].revenue",),
        tables=(
            TableText(
                "slabs",
                "分段累进",
                (
                    {
                        "label_zh": "增量",
                        "label_en": "Increment",
                        "feel": "tax[year = 2022].revenue - tax[year = 2021].revenue",
                    },
                ),
                (
                    {
                        "cells": ["> 0"],
                        "output": "min(tax[year = 2022].revenue - tax[year = 2021].revenue, 1000000) * 0.01",
                    },
                    {
                        "cells": ["> 1000000"],
                        "output": "(tax[year = 2022].revenue - tax[year = 2021].revenue - 1000000) * 0.02",
                    },
                ),
                "C+",
            ),
        ),
        people=(
            (
                {"tax": [{"year": 2021, "revenue": 1000000}, {"year": 2022, "revenue": 3512345, "tax_paid": 90000}]},
                "40200",
            ),
            (
                {"tax": [{"year": 2021, "revenue": 1000000}, {"year": 2022, "revenue": 3512345, "tax_paid": 9000}]},
                "9000",
            ),
            ({"tax": [{"year": 2021, "revenue": 1000000}, {"year": 2022, "revenue": 900000, "tax_paid": 9000}]}, None),
        ),
    ),
    # T: the person's part of a hire that is filed by the firm; the firm's own part is a policy beside it.
    "the person's part of an event of two": Written(
        amount='if hire.gender = "female" then 3000 else 2000',
        clauses=("hire.age_at_hire >= 45", 'hire.hired_on >= date("2022-01-01")', "company.is_government_unit = false"),
        fields={"subject": "hire", "payee": "employee"},
        people=(
            (
                {
                    "hire": {"gender": "female", "age_at_hire": 46, "hired_on": "2022-03-01"},
                    "company": {"is_government_unit": False},
                },
                "3000",
            ),
            (
                {
                    "hire": {"gender": "male", "age_at_hire": 44, "hired_on": "2022-03-01"},
                    "company": {"is_government_unit": False},
                },
                None,
            ),
        ),
    ),
}


def _drafted(written: Written) -> PolicyVersion:
    return draft_version(
        policy=make_policy(),
        clauses=[ClauseText(f"条件{place}", "", text) for place, text in enumerate(written.clauses, start=1)],
        parameters=written.parameters,
        tables=written.tables,
        examples=[
            ExampleText(
                f"例{place}",
                facts,
                "ineligible" if cny is None else "unknown" if cny == "unknown" else "eligible",
                Decimal(cny) if cny not in (None, "unknown") else None,
            )
            for place, (facts, cny) in enumerate(written.people, start=1)
        ],
        actor=make_officer("writer"),
        amount_feel=written.amount,
        opens_on=TODAY,
        granted_cny=Decimal(1_000_000),
        **written.fields,
    )


@pytest.mark.parametrize("title", POLICIES)
def test_it_is_written_proved_and_travels(title: str) -> None:
    version = _drafted(POLICIES[title])
    worked = worked_examples(version=version)
    assert [(one.passes, str(getattr(one, "said", one))) for one in worked if not one.passes] == []
    again = import_policy(policy=read(export(version=version)), actor=None, code="T-AGAIN").version
    assert all(one.passes for one in worked_examples(version=again))
    assert len(worked) == len(POLICIES[title].people)


def command(*words: object) -> str:
    out = StringIO()
    call_command("policy", *(str(word) for word in words), stdout=out)
    return out.getvalue()


def lines_of(printed: str) -> list[str]:
    """The result of each engine, without its reasons."""
    return [line for line in printed.splitlines() if line.startswith(("Python: ", "SQL: "))]


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize("edition", ["1.5", "1.3"])
@pytest.mark.parametrize("title", POLICIES)
def test_its_file_is_checked_tried_and_imported_by_command(title: str, edition: str, tmp_path: Path) -> None:
    version, people = _drafted(POLICIES[title]), POLICIES[title].people
    file, facts = tmp_path / "policy.dmn", tmp_path / "facts.json"
    command("export", version.policy.code, "--dmn", edition, "--to", file)
    counts = f"{len(POLICIES[title].clauses)} clauses; {len(people)} examples."
    assert f"can be imported. {counts}" in command("check", file)
    for known, cny in people:
        facts.write_text(json.dumps(known), encoding="utf-8")
        said = (
            "not eligible" if cny is None else "unknown" if cny == "unknown" else f"eligible, {Decimal(cny):,.2f} yuan"
        )
        assert lines_of(command("evaluate", file, "--facts", facts)) == [f"Python: {said}", f"SQL: {said}"]
    assert "T-COMMAND v1 is a draft now." in command("import", file, "--code", "T-COMMAND")
    assert command("export", "T-COMMAND").replace("T-COMMAND", version.policy.code) == command(
        "export", version.policy.code
    )
