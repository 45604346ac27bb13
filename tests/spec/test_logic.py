"""Three-valued logic: an unknown stays unknown, unless it cannot matter."""

from __future__ import annotations

import pytest

from policies.feel.messages.errors import FeelError
from tests.spec.engines import answer

pytestmark = pytest.mark.django_db

TABLE = [
    # a, b, a and b, a or b
    (True, True, True, True),
    (True, False, False, True),
    (True, None, None, True),
    (False, True, False, True),
    (False, False, False, False),
    (False, None, False, None),
    (None, True, None, True),
    (None, False, False, None),
    (None, None, None, None),
]


@pytest.mark.parametrize(("a", "b", "both", "either"), TABLE)
def test_and_or(a: bool | None, b: bool | None, both: bool | None, either: bool | None) -> None:
    facts = {"a": a, "b": b}
    assert answer("a and b", facts) is both
    assert answer("a or b", facts) is either
    assert answer("not(a and b)", facts) is (None if both is None else not both)


@pytest.mark.parametrize(("a", "expected"), [(True, False), (False, True), (None, None)])
def test_not(a: bool | None, expected: bool | None) -> None:
    assert answer("not(a)", {"a": a}) is expected
    assert answer("not(negand: a)", {"a": a}) is expected


CHAINS = [
    ("true and true and null", None),
    ("true and false and null", False),
    ("false or false or null", None),
    ("false or null or true", True),
    ("true or true and false", True),
    ("(true or true) and false", False),
]


@pytest.mark.parametrize(("rule", "expected"), CHAINS)
def test_chains_and_precedence(rule: str, expected: bool | None) -> None:
    assert answer(rule) is expected


CHOICES = [
    ("if a then 1 else 2", True, 1),
    ("if a then 1 else 2", False, 2),
    ("if a then 1 else null", False, None),
    ("if a then null else null", True, None),
    # A value given by hand is said to be null, and FEEL takes the second branch …
    ("if a then 1 else 2", None, 2),
    ("if a and not(a) then 1 else if a = null then 3 else 4", None, 3),
]


@pytest.mark.parametrize(("rule", "a", "expected"), CHOICES)
def test_if(rule: str, a: bool | None, expected: int | None) -> None:
    assert answer(rule, {"a": a}) == expected


def test_an_unknown_fact_of_a_department_chooses_no_branch() -> None:
    # … but if a department has not delivered the size, no rate follows from it.
    rule = 'if company.size = "large" then 0.3 else 0.6'
    assert answer(rule, {"company": {"size": None}}) is None
    assert answer("if company.size = null then 1 else 2", {"company": {"size": None}}) == 1


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("false and 123", False),
        ('"a" and false and true', False),
        ('true or "true"', True),
        ("123 or company_size = 1 or true", True),
        ("false and (1 or false)", False),
    ],
)
def test_what_is_no_condition_is_unknown_beside_a_written_verdict(rule: str, expected: object) -> None:
    assert answer(rule, {"company_size": 2}) is expected


@pytest.mark.parametrize(
    "rule", ["true and 123", "false or 123", "company_flag and 123", "not(123) and false and 5 + true"]
)
def test_elsewhere_it_is_refused(rule: str) -> None:
    with pytest.raises(FeelError):
        answer(rule, {"company_flag": False})


def test_a_sign_beyond_the_basic_plane_is_a_letter() -> None:
    assert answer('{🐎: "😀"}.🐎') == "😀"
