"""What names a delivery: the sender's id, or one that is made of its content and its day."""

from __future__ import annotations

import datetime as dt
import re
from typing import BinaryIO, Final

from companies.deliveries.staging.read_file import digest

DELIVERY_ID_FORM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


def id_by_content(*, dataset: str, as_of_on: dt.date, content: BinaryIO) -> str:
    """
    An id, of at most 64 characters, for a file that was given none: it differs by content and by day.

    Raises:
        Refusal: the file is larger than a delivery may be.
    """
    return f"{dataset[:20]}-{as_of_on.isoformat()}-{digest(content=content)[0][:32]}"
