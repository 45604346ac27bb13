"""Every form that the desk offers is one that the checker takes."""

from __future__ import annotations

import pytest

from companies.facts import catalogue
from policies.feel import check
from policies.queries.phrasebook import PHRASES, Phrase
from policies.queries.vocabulary import HERE


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.says.en)
def test_its_example_checks(phrase: Phrase) -> None:
    check(phrase.example, catalogue=catalogue())
    assert phrase.says.zh
    assert phrase.says.en
    assert phrase.insert.count(HERE) <= 1
