"""Values both engines compute with, and how they are read from the text of a rule."""

from __future__ import annotations

import datetime as dt
import decimal
import re
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """A days and time duration."""

    seconds: Decimal


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years and months duration."""

    months: int


@dataclass(frozen=True, slots=True)
class DateTime:
    """
    A date and time: seconds on the clock of its place since 1970-01-01T00:00:00.

    `offset` is that place's seconds ahead of UTC, None when the place is not said; `zone` its name, if it has one.
    """

    seconds: Decimal
    offset: int | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day: seconds since midnight, and where, as in `DateTime`."""

    seconds: Decimal
    offset: int | None = None
    zone: str | None = None


Scalar = Decimal | str | bool | dt.date | Days | Months | DateTime | Time | None

# Wide enough that no rule within the limits ever rounds where PostgreSQL's numeric would not.
EXACT = decimal.Context(prec=150_000, rounding=decimal.ROUND_HALF_UP, Emin=-200_000, Emax=200_000)

SIGNIFICANT_DIGITS = 34  # Those of decimal128, which FEEL's numbers are.
SECONDS_PER_DAY = 86_400

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_MONTHS = re.compile(r"(-?)P(?=\d)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?", re.ASCII)
_DAYS = re.compile(
    r"(-?)P(?=[\dT])(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{0,9})?)S)?)?", re.ASCII
)
_ESCAPE = re.compile(r"\\(U[0-9A-Fa-f]{6}|u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_SIMPLE_ESCAPES = {'"': '"', "'": "'", "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}


class BadEscape(ValueError):
    """A backslash that FEEL gives no meaning to; the argument is the escape as written."""


class BadCharacter(ValueError):
    """A character that no database text holds; the argument is its code point, like U+0000."""


def parse_number(text: str) -> Decimal | None:
    """Read a number as written; None when it is beyond what a rule may hold."""
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    digits = "".join(str(digit) for digit in number.as_tuple().digits).strip("0")
    if len(digits) > SIGNIFICANT_DIGITS or abs(number.adjusted()) > SIGNIFICANT_DIGITS:
        return None
    return number or Decimal(0)


def unescape_text(written: str) -> str:
    """
    Read the inside of a quoted text.

    Raises:
        BadEscape: a backslash sequence that FEEL does not know.
        BadCharacter: NUL or half of a surrogate pair.
    """
    text = _ESCAPE.sub(_unescape, written)
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if "\ufffd" in text:
            raise BadCharacter("U+D800")
    if "\x00" in text:
        raise BadCharacter("U+0000")
    return text


def _unescape(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) > 1:
        code_point = int(escape[1:], 16)
        if code_point > 0x10FFFF:
            raise BadEscape(match[0])
        return chr(code_point)
    # Before any other character a backslash stands for itself, as patterns like "\\d" need it.
    return _SIMPLE_ESCAPES.get(escape, match[0])


def parse_date(text: str) -> dt.date | None:
    """Read YYYY-MM-DD, years 0001 to 9999; None when there is no such day."""
    match = _DATE.fullmatch(text)
    return match and build_date(*(int(part) for part in match.groups()))


def build_date(year: int, month: int, day: int) -> dt.date | None:
    """The day of these numbers, None when there is none."""
    try:
        return dt.date(year, month, day)
    except (ValueError, OverflowError):
        return None


def parse_duration(text: str) -> Days | Months | None:
    """Read an ISO 8601 duration of one of FEEL's two kinds; None when it is neither."""
    if match := _MONTHS.fullmatch(text):
        sign, years, months = match.groups()
        return Months((int(years or 0) * 12 + int(months or 0)) * (-1 if sign else 1))
    if match := _DAYS.fullmatch(text):
        sign, days, hours, minutes, seconds = match.groups()
        whole = int(days or 0) * SECONDS_PER_DAY + int(hours or 0) * 3600 + int(minutes or 0) * 60
        total = whole + Decimal((seconds or "0").removesuffix("."))
        return Days(-total if sign else total)
    return None


def format_duration(duration: Days | Months) -> str:
    """A duration in the standard's canonical form: P1Y8M, P1DT2H, PT0S, P0M."""
    if isinstance(duration, Months):
        years, months = divmod(abs(duration.months), 12)
        sign = "-" if duration.months < 0 else ""
        written = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{sign}P{written or '0M'}"
    return _days_text(duration.seconds)


def _days_text(total: Decimal) -> str:
    sign = "-" if total < 0 else ""
    minutes, seconds = divmod(abs(total), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    time = "".join(
        f"{format_number(part)}{unit}" for part, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if part
    )
    written = (f"{format_number(days)}D" if days else "") + (f"T{time}" if time else "")
    return f"{sign}P{written or 'T0S'}"


def format_number(number: Decimal) -> str:
    """A number in digits, without exponent and without zeros that say nothing."""
    written = f"{number or Decimal(0):f}"  # Never “-0”.
    return (written.rstrip("0").rstrip(".") or "0") if "." in written else written
