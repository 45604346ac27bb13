"""The checker accepts every form that the desk offers."""

from __future__ import annotations

import pytest

from companies.contracts.facts import catalogue
from policies.editor.phrasebook import PHRASES, Phrase
from policies.editor.vocabulary import CURSOR
from policies.feel.checking.check import check


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.says.en)
def test_its_example_checks(phrase: Phrase) -> None:
    check(phrase.example, catalogue=catalogue())
    assert phrase.says.zh
    assert phrase.says.en
    assert phrase.insert.count(CURSOR) <= 1
