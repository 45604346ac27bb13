"""Every text that an officer types into a rule or a cell gets an answer or a sentence, never a crash."""

import pytest

from policies.feel.checking.check import check
from policies.feel.messages.errors import FeelError
from tests.fuzz.checker import CATALOGUE, Crash, Tally, find_crashes

SEED = 20191107

# Rules at which random texts have found a fault.
FOUND = [
    "min(0, company.staff, [company.staff, company.staff, 0][null])",
    "min(numbers, company.district, 2)",
    "max(words, tax.revenue)",
    "sum([1][null], 2)",
]


@pytest.mark.parametrize("text", FOUND)
def test_a_text_that_once_crashed_the_checker_is_refused(text: str) -> None:
    with pytest.raises(FeelError):
        check(text, catalogue=CATALOGUE)


def test_no_text_of_a_small_sample_crashes_the_checker() -> None:
    assert _found(texts=600) == []


@pytest.mark.slow
def test_no_text_of_a_large_sample_crashes_the_checker() -> None:
    assert _found(texts=100_000) == []


def _found(*, texts: int) -> list[Crash]:
    tally = Tally()
    found = list(find_crashes(texts=texts, seed=SEED, tally=tally))
    # If the checker refused all texts at their first sign, the sample would prove nothing.
    assert tally.accepted > texts / 20
    return found
