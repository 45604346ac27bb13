"""The datasets that a version's rules need: those of each text, and those that only a filter names."""

from __future__ import annotations

import pytest

from policies.rules.rules import check_rules

FILTERED = "tax[year in sales.year].revenue"


@pytest.mark.parametrize(
    "texts",
    [
        {"clauses": [f"sum({FILTERED}) > 0"]},
        {"amount": f"sum({FILTERED})"},
        {"limit": f"sum({FILTERED})"},
        {"payee": f'if sum({FILTERED}) > 0 then "9133" else null'},
    ],
    ids=lambda texts: next(iter(texts)),
)
def test_a_dataset_that_only_a_filter_names_counts(texts: dict[str, object]) -> None:
    wording = check_rules(**({"subject": "company", "clauses": ["true"], "amount": "100"} | texts))
    assert wording.datasets == {"registration", "sales", "tax"}
