"""Facts of an example come out of the officer's table as they went into it."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from companies.contracts.facts import catalogue
from policies.trial.fact_table import facts_from_rows, rows_from_facts
from tests.profiles import examples


def records(name: str, values: st.SearchStrategy[object]) -> st.SearchStrategy[list[dict[str, object]]]:
    return st.lists(st.fixed_dictionaries({}, optional={name: values}), max_size=4)


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "credit": records("kind", st.sampled_from(["zombie", None])),
        "tax": records("year", st.integers(2000, 2030).map(str)),
        "employees": records("insured_months", st.integers(0, 12).map(str) | st.none()),
        "company": st.fixed_dictionaries({}, optional={"size": st.sampled_from(["small", "large", None])}),
    },
)


@given(facts=FACTS)
@settings(max_examples=examples(100))
def test_facts_come_out_of_the_table_as_they_went_in(facts: dict[str, Any]) -> None:
    known = catalogue(item="")
    assert facts_from_rows(rows=rows_from_facts(facts=facts, catalogue=known), catalogue=known) == facts


def test_a_record_of_which_nothing_is_known_stays() -> None:
    known = catalogue(item="")
    facts = {"employees": [{}, {"insured_months": "6"}, {}], "credit": []}
    assert facts_from_rows(rows=rows_from_facts(facts=facts, catalogue=known), catalogue=known) == facts
