"""What the name of a file says: `<dataset>--<YYYY-MM-DD>[--<id>].<ending>`."""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass
from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.deliveries.delivery_id import DELIVERY_ID_FORM
from qinqing.kernel.refusals import Refusal

# What lies beside a file; `.done` says that all of it is there.
MANIFEST, SIGNATURE, DONE = ".manifest.json", ".sig", ".done"
BESIDE: Final = (MANIFEST, SIGNATURE, DONE)
# How programs that copy call a file that is not there yet.
_UNFINISHED: Final = (".part", ".tmp", ".filepart")
_NAME: Final = re.compile(
    r"(?P<dataset>[a-z][a-z0-9_]{0,39})--(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    rf"(?:--(?P<id>{DELIVERY_ID_FORM.pattern}?))?\.(?:csv|ndjson|xlsx|parquet)(?:\.gz|\.zip)?"
)
_SHOWN_CHARACTERS: Final = 80


class WrongName(Refusal):
    """The name does not say what the file is."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a name says; without an id the file's content and day are its id."""

    dataset: str
    as_of_on: dt.date
    delivery_id: str


def is_to_be_delivered(name: str) -> bool:
    """Whether a name is that of a file to deliver: not hidden, not half copied, and not what lies beside a file."""
    return not name.startswith(".") and not name.endswith((*BESIDE, *_UNFINISHED))


def read_name(name: str) -> Named:
    """
    Read the name of a file.

    Raises:
        WrongName: it has another form, or its day does not exist.
    """
    found = _NAME.fullmatch(name)
    try:
        day = dt.date.fromisoformat(found["day"]) if found else None
    except ValueError:
        day = None
    if found is None or day is None:
        sentence = _(
            "The file is called “{name}”; call it by dataset and day, and an id if you like: tax--2024-03-31.csv or"
            " tax--2024-03-31--march.csv.gz, or with xlsx, ndjson, parquet or zip."
        )
        # A name may hold bytes that are no text.
        shown = os.fsencode(name).decode("utf-8", "replace")[:_SHOWN_CHARACTERS]
        raise WrongName(format_lazy(sentence, name=shown))
    return Named(found["dataset"], day, found["id"] or "")
