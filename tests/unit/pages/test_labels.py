"""Labels: a list colours the words by their key, and a row's own page shows the words alone."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import conditional_escape
from unfold.utils import display_for_label

from qinqing.kernel.labels import Colours, Labelled


def test_a_page_shows_the_words_and_nothing_of_the_key() -> None:
    assert conditional_escape(Labelled("open", "<待处理>")) == "&lt;待处理&gt;"


def test_a_list_shows_the_words_in_the_colour_of_the_key() -> None:
    shown = display_for_label(Labelled("open", "待处理"), "-", {"open": "warning"})
    assert "待处理" in shown
    assert "open" not in shown
    assert shown != display_for_label(Labelled("open", "待处理"), "-", {"open": "danger"})


def test_words_without_a_colour_are_words_and_not_their_key() -> None:
    shown = display_for_label(Labelled("cancelled", "已取消"), "-", Colours({"open": "warning"}))
    assert "已取消" in shown
    assert "cancelled" not in shown


def test_every_list_of_the_desks_colours_so() -> None:
    columns = [
        (pages, getattr(pages, str(name), None))
        for pages in admin.site._registry.values()
        for name in pages.list_display
    ]
    coloured = {
        f"{type(pages).__name__}.{column.__name__}": column.label
        for pages, column in columns
        if isinstance(getattr(column, "label", None), dict)
    }
    assert len(coloured) > 15
    assert [name for name, colours in coloured.items() if not isinstance(colours, Colours)] == []
