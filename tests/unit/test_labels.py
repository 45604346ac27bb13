"""Labels: a list colours the words by their key, and a row's own page shows the words alone."""

from __future__ import annotations

from django.utils.html import conditional_escape
from unfold.utils import display_for_label

from qinqing.kernel.labels import Labelled


def test_a_page_shows_the_words_and_nothing_of_the_key() -> None:
    assert conditional_escape(Labelled("open", "<待处理>")) == "&lt;待处理&gt;"


def test_a_list_shows_the_words_in_the_colour_of_the_key() -> None:
    shown = display_for_label(Labelled("open", "待处理"), "-", {"open": "warning"})
    assert "待处理" in shown
    assert "open" not in shown
    assert shown != display_for_label(Labelled("open", "待处理"), "-", {"open": "danger"})
