"""From which day the data that came is, and from where the next pull goes on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO, Final

from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.deliveries.registry.columns import Column
from companies.deliveries.staging.file_rows import detect_format, open_rows
from companies.models import DataSource
from companies.models.sources.source import AsOf, BookmarkFrom, SourceKind
from companies.sources.fetch.asked import Came, PullRefused
from companies.sources.fetch.http import read_moment

# As its column in the database.
LONGEST_BOOKMARK: Final = 200
_DAY_IN_NAME: Final = re.compile(r"(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)")


class NoDay(PullRefused):
    """Nothing says from which day the data is; it never counts as today's by itself."""


class NoBookmark(PullRefused):
    """Nothing says from where the next pull would go on."""


def list_watched(source: DataSource) -> frozenset[str]:
    """The columns of which the source wants to know the highest value."""
    named = {
        source.bookmark_name if source.bookmark_from == BookmarkFrom.COLUMN else "",
        source.as_of_name if source.as_of_from == AsOf.COLUMN else "",
    }
    return frozenset(named - {""})


def find_highest(*, source: DataSource, came: Came, content: BinaryIO, columns: Sequence[Column]) -> Mapping[str, str]:
    """
    The highest value in each watched column, of a query or of a file, which is read for it.

    Raises:
        UnreadableFile, TooLarge, WrongColumns: as its delivery would.
    """
    watched = list_watched(source)
    if not watched or source.kind == SourceKind.QUERY:
        return came.highest
    return _find_highest_in_file(watched, content, columns)


def find_day(*, source: DataSource, came: Came, highest: Mapping[str, str], now: dt.datetime) -> dt.date:
    """
    The day from which the data is, in the place that the source names.

    Raises:
        NoDay: no day is there.
    """
    match source.as_of_from:
        case AsOf.PULLED:
            day: dt.date | None = timezone.localdate(now)
        case AsOf.MODIFIED:
            day = timezone.localdate(came.modified_at) if came.modified_at else None
        case AsOf.NAME:
            day = _find_day_in_name(came.what)
        case AsOf.HEADER:
            day = _read_day(came.headers.get(source.as_of_name.lower(), ""))
        case _:
            day = _read_day(highest.get(source.as_of_name, ""))
    if day is None:
        sentence = _("Nothing says from which day the data is ({place}); propose where the source says it.")
        raise NoDay(format_lazy(sentence, place=source.as_of_name or source.get_as_of_from_display()))
    return day


def find_bookmark(*, source: DataSource, came: Came, highest: Mapping[str, str]) -> str:
    """
    What the source is asked from the next time; what it was asked from now, where no rows came.

    Raises:
        NoBookmark: the header that the source names is not there, or its value is too long to be one.
    """
    if source.bookmark_from == BookmarkFrom.NOTHING:
        return ""
    if source.bookmark_from == BookmarkFrom.COLUMN:
        found = highest.get(source.bookmark_name, "") or source.bookmark or source.begins_at
    else:
        found = came.headers.get(source.bookmark_name.lower(), "")
        if not found:
            sentence = _("The answer has no header “{name}” with the next value of the bookmark; correct one of both.")
            raise NoBookmark(format_lazy(sentence, name=source.bookmark_name))
    if len(found) > LONGEST_BOOKMARK:
        sentence = _("The next value of the bookmark, in “{name}”, exceeds {longest} characters; choose another one.")
        raise NoBookmark(format_lazy(sentence, name=source.bookmark_name, longest=LONGEST_BOOKMARK))
    return found


def _find_highest_in_file(watched: Iterable[str], content: BinaryIO, columns: Sequence[Column]) -> Mapping[str, str]:
    places = {name: place for place, name in enumerate(column.name for column in columns) if name in watched}
    highest: dict[str, str] = {}
    for values in _read_rows(content, columns):
        for name, place in places.items():
            value = values[place]
            if value and (name not in highest or _rank(value) > _rank(highest[name])):
                highest[name] = value
    return highest


def _read_rows(content: BinaryIO, columns: Sequence[Column]) -> Iterator[Sequence[str | None]]:
    with open_rows(content=content, columns=columns, form=detect_format(content=content)) as rows:
        for row in rows:
            if row.fault is None:
                yield row.values


def _rank(value: str) -> tuple[int, int | str]:
    """Numbers in the order of numbers, before all other texts in theirs."""
    is_number = value.isascii() and value.isdigit()
    return (0, int(value)) if is_number else (1, value)


def _read_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        moment = read_moment(text)
        return timezone.localdate(moment) if moment else None


def _find_day_in_name(name: str) -> dt.date | None:
    for found in _DAY_IN_NAME.finditer(name):
        try:
            return dt.date(*map(int, found.groups()))
        except ValueError:
            continue
    return None
