"""The place of the cursor in an unfinished rule."""

from __future__ import annotations

import pytest

from policies.feel.syntax.cursor import find_cursor_context
from tests.spec.engines import CATALOGUE

# "|" is the cursor: the group after a dot, the groups of the filters around, the fact whose value is expected.
PLACES = [
    ("company.|", "company", (), None),
    ("企业.规|", "company", (), None),
    ("tax[|", None, ("tax",), None),
    ("tax[year = 2019].rev|enue", "tax", (), None),
    ("count(tax[year = 2019 and re|", None, ("tax",), None),
    ("tax[year in credit[li|", None, ("credit", "tax"), None),
    ("(tax[year = 2019]|", None, (), None),
    ("[1, |", None, (), None),
    ("company.size = |", None, (), "size"),
    ('company.size = "sm|"', None, (), "size"),
    ('company.size in ("small", "|', None, (), "size"),
    ("credit[kind = |", None, ("credit",), "kind"),
    ('company.size = "small" and |', None, (), None),
    ("some t in tax satisfies t.|", "tax", (), None),
    ("some t in tax, c in credit[listed_on != null] satisfies c.|", "credit", (), None),
    ("tax[item.|", "tax", ("tax",), None),
    ("nothing.|", None, (), None),
    ("/* tax[ */ company.|", "company", (), None),
]


@pytest.mark.parametrize(("marked", "owner", "filtered", "compared"), PLACES)
def test_the_place_is_found(marked: str, owner: str | None, filtered: tuple[str, ...], compared: str | None) -> None:
    at = marked.index("|")
    place = find_cursor_context(marked.replace("|", ""), at, catalogue=CATALOGUE)
    assert place is not None
    assert (place.owner.name if place.owner and place.is_after_dot else None) == owner
    assert tuple(group.name for group in place.filtered) == filtered
    assert (place.compared[1].name if place.compared else None) == compared


@pytest.mark.parametrize("marked", ["// tax[|", "/* company.|", 'contains(company.size, "|', '"|', '1 + "|'])
def test_nothing_fits_in_a_comment_or_any_text(marked: str) -> None:
    assert find_cursor_context(marked.removesuffix("|"), len(marked) - 1, catalogue=CATALOGUE) is None


@pytest.mark.parametrize(
    ("marked", "is_after_value"),
    [
        ("company.size |", True),
        ("1 |", True),
        ("count(tax) |", True),
        ("1 + |", False),
        ("not|", False),
        ("a and |", False),
    ],
)
def test_a_value_is_followed_by_an_operator(marked: str, is_after_value: bool) -> None:
    place = find_cursor_context(marked.removesuffix("|"), len(marked) - 1, catalogue=CATALOGUE)
    assert place is not None
    assert place.is_after_value == is_after_value


def test_a_word_reaches_beyond_the_cursor() -> None:
    place = find_cursor_context("company.revenue > 1", len("company.rev"), catalogue=CATALOGUE)
    assert place is not None
    assert (place.start, place.end, place.prefix) == (len("company."), len("company.revenue"), "rev")
    text = 'company.size = "small" and true'
    place = find_cursor_context(text, text.index("mall"), catalogue=CATALOGUE)
    assert place is not None
    assert text[place.start : place.end] == '"small"'
