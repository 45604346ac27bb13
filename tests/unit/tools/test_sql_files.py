"""SQL in files: placeholders are filled one for one, and only what PostgreSQL reads makes a difference."""

from __future__ import annotations

import pytest

from qinqing.kernel.database.sql_files import PlaceholdersDiffer, meaning_of, read_sql


def test_a_placeholder_is_filled() -> None:
    text = read_sql("qinqing.kernel", "refusal.sql", promise="a_is_kept", why="It is kept.")
    assert "CONSTRAINT = 'a_is_kept', MESSAGE = 'It is kept.'" in text


@pytest.mark.parametrize("given", [{"promise": "a"}, {"promise": "a", "why": "b", "more": "c"}])
def test_a_placeholder_too_few_or_too_many_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(PlaceholdersDiffer, match="promise, why"):
        read_sql("qinqing.kernel", "refusal.sql", **given)


def test_comments_and_layout_mean_nothing() -> None:
    assert meaning_of("SELECT 1 -- it's one\n    + 2") == meaning_of("SELECT 1\n+ 2")


def test_what_stands_in_quotes_means_something() -> None:
    assert meaning_of("SELECT 'a  -- b'") == "SELECT 'a  -- b'"
    assert meaning_of("SELECT 'it''s  so'") != meaning_of("SELECT 'it''s so'")
