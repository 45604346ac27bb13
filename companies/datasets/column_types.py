"""
The types of delivered columns: how the text of a value is checked, why it fails, and how it becomes a value.

The checks are SQL over the text columns of the staging table, because they run over all rows at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, NamedTuple

from psycopg.sql import SQL, Composable, Literal

from companies.datasets.row_faults import Reason
from companies.datasets.sealing import ACCOUNT_NUMBER, ID_NUMBER, account_identity, person_identity
from qinqing.kernel.identifiers import born_on, is_id_number
from qinqing.kernel.secrets import fingerprint
from qinqing.kernel.text import mask, mask_id_number

# The years of these are 1900 to 2199, as in the checks of the tables.
MONTH_FORM = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"
QUARTER_FORM = r"^(19|20|21)[0-9]{2}Q[1-4]$"
CREDIT_CODE_FORM = r"^[0-9A-HJ-NP-RTUW-Y]{18}$"
# Every real day of the years 1900 to 2099, so that a later cast to date cannot fail.
DAY_FORM = (
    r"^((19|20)[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-8]))"
    r"|((19|20)(0[48]|[2468][048]|[13579][26])|2000)-02-29)$"
)
TRUE_WORDS, FALSE_WORDS = ("true", "1", "是"), ("false", "0", "否")
ACCOUNT_DIGITS = range(8, 33)


class Fault(NamedTuple):
    """A possible fault of a value, and the condition under which the value has it."""

    when: Composable
    reason: Reason
    detail: str = ""


class StagedColumn(NamedTuple):
    """A column of the staging table."""

    name: str
    type: str = "text"


class Kind(ABC):
    """How the texts of one column are checked and converted; nulls are checked elsewhere."""

    type: ClassVar[str]
    # Whether Python has to seal each value before it reaches the staging table.
    is_sealed: ClassVar[bool] = False

    @abstractmethod
    def example(self) -> str:
        """A correct value, for the departments' manual."""

    @abstractmethod
    def fits(self, value: Composable) -> Composable:
        """The condition that a text which is not null is correct."""

    @abstractmethod
    def faults(self, value: Composable) -> tuple[Fault, ...]:
        """The faults of a text that does not fit; the first that applies counts, and the last always applies."""

    def cast(self, value: Composable) -> Composable:
        """The conversion of a text that fits to a value of the table's type."""
        return value

    def staged(self, name: str) -> tuple[StagedColumn, ...]:
        """The columns of the staging table for the delivered column `name`."""
        return (StagedColumn(name),)


@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A decimal number; NaN, infinity, exponents and thousands separators are refused."""

    type: ClassVar[str] = "number"
    digits: int
    places: int
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    is_money: bool = False

    def example(self) -> str:
        return f"{'1234'[: self.digits - self.places]}.{'5'.ljust(self.places, '0')}"

    def fits(self, value: Composable) -> Composable:
        whole = self.digits - self.places
        # The second pattern alone would be enough, but takes twice as long; a short number does not need it.
        has_digits = SQL("(({} AND length({}) <= {}) OR {})").format(
            _matches(value, rf"^-?[0-9]+(\.[0-9]{{1,{self.places}}})?$"),
            value,
            Literal(whole),
            _matches(value, rf"^-?[0-9]{{1,{whole}}}(\.[0-9]{{1,{self.places}}}0*)?$"),
        )
        return _within(self.cast(value), has_digits, self.minimum, self.maximum)

    def faults(self, value: Composable) -> tuple[Fault, ...]:
        precise = rf"\.[0-9]{{{self.places}}}0*[1-9]"
        return (
            Fault(_is_not(_matches(value, r"^-?[0-9]+(\.[0-9]+)?$")), Reason.NOT_A_NUMBER),
            Fault(_matches(value, precise), Reason.TOO_PRECISE, str(self.places)),
            Fault(
                _matches(value, rf"^-?0*[0-9]{{{self.digits - self.places + 1}}}"),
                Reason.TOO_LARGE,
                str(self.digits - self.places),
            ),
            Fault(SQL("true"), Reason.OUT_OF_RANGE, _range_in_words(self.minimum, self.maximum)),
        )

    def cast(self, value: Composable) -> Composable:
        return SQL("{}::numeric").format(value)


@dataclass(frozen=True, slots=True)
class Whole(Kind):
    """A whole number of 0 or more: a count, a year, an age."""

    type: ClassVar[str] = "whole number"
    digits: int
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def example(self) -> str:
        return "2024" if self.digits == 4 else "12"

    def fits(self, value: Composable) -> Composable:
        has_digits = _matches(value, rf"^[0-9]{{1,{self.digits}}}$")
        return _within(self.cast(value), has_digits, self.minimum, self.maximum)

    def faults(self, value: Composable) -> tuple[Fault, ...]:
        return (
            Fault(_is_not(_matches(value, "^[0-9]+$")), Reason.NOT_WHOLE),
            Fault(_matches(value, rf"^[0-9]{{{self.digits + 1}}}"), Reason.TOO_LARGE, str(self.digits)),
            Fault(SQL("true"), Reason.OUT_OF_RANGE, _range_in_words(self.minimum, self.maximum)),
        )

    def cast(self, value: Composable) -> Composable:
        return SQL("{}::integer").format(value)


@dataclass(frozen=True, slots=True)
class Form(Kind):
    """
    A text of a fixed form, such as a month.

    `usual` are texts of the form that most rows have: PostgreSQL looks a text up in a list in an eighth of the time in
    which it matches the pattern.
    """

    type: ClassVar[str] = "text"
    pattern: str
    shown_as: str
    reason: Reason = Reason.WRONG_FORM
    usual: tuple[str, ...] = ()

    def example(self) -> str:
        return self.shown_as

    def fits(self, value: Composable) -> Composable:
        return _is_usual_or_matches(value, self.usual, self.pattern)

    def faults(self, value: Composable) -> tuple[Fault, ...]:
        return (Fault(SQL("true"), self.reason, self.shown_as),)


_USUAL_YEARS = range(1950, 2050)
_USUAL_MONTHS = tuple(f"{year}-{month:02}" for year in _USUAL_YEARS for month in range(1, 13))
_USUAL_QUARTERS = tuple(f"{year}Q{quarter}" for year in _USUAL_YEARS for quarter in range(1, 5))
MONTH = Form(MONTH_FORM, "2024-03", Reason.NOT_A_MONTH, _USUAL_MONTHS)
QUARTER = Form(QUARTER_FORM, "2024Q1", Reason.NOT_A_QUARTER, _USUAL_QUARTERS)

# The credit code of somebody else than the subject; whether the company is known does not matter.
OTHERS_CREDIT_CODE = Form(CREDIT_CODE_FORM, "91330106MA2XXXXX5T")


@dataclass(frozen=True, slots=True)
class Day(Kind):
    """A date in the form of ISO 8601."""

    type: ClassVar[str] = "date"

    def example(self) -> str:
        return "2024-03-31"

    def fits(self, value: Composable) -> Composable:
        return _matches(value, DAY_FORM)

    def faults(self, value: Composable) -> tuple[Fault, ...]:
        # 36526 is the first day of 2000, and five digits reach beyond 2100.
        is_number = _matches(value, r"^[0-9]{5}(\.[0-9]+)?$")
        return (Fault(is_number, Reason.DAY_AS_NUMBER), Fault(SQL("true"), Reason.NOT_A_DATE))

    def cast(self, value: Composable) -> Composable:
        return SQL("{}::date").format(value)


@dataclass(frozen=True, slots=True)
class YesNo(Kind):
    """Yes or no, in the words that departments use."""

    type: ClassVar[str] = "yes or no"

    def example(self) -> str:
        return "true"

    def fits(self, value: Composable) -> Composable:
        return _is_one_of(SQL("lower({})").format(value), TRUE_WORDS + FALSE_WORDS)

    def faults(self, value: Composable) -> tuple[Fault, ...]:
        return (Fault(SQL("true"), Reason.NOT_YES_OR_NO),)

    def cast(self, value: Composable) -> Composable:
        return _is_one_of(SQL("lower({})").format(value), TRUE_WORDS)


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of a few words."""

    type: ClassVar[str] = "choice"
    options: tuple[str, ...]

    def example(self) -> str:
        return self.options[0]

    def fits(self, value: Composable) -> Composable:
        return _is_one_of(value, self.options)

    def faults(self, value: Composable) -> tuple[Fault, ...]:
        return (Fault(SQL("true"), Reason.NOT_A_CHOICE, ", ".join(self.options)),)


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Free text on one line; spaces around it are dropped."""

    type: ClassVar[str] = "text"
    length: int

    def example(self) -> str:
        return ""

    def fits(self, value: Composable) -> Composable:
        return SQL("({fits} AND {value} !~ '[[:cntrl:]]')").format(
            fits=SQL("length(btrim({})) BETWEEN 1 AND {}").format(value, Literal(self.length)), value=value
        )

    def faults(self, value: Composable) -> tuple[Fault, ...]:
        return (
            Fault(SQL("{} ~ '[[:cntrl:]]'").format(value), Reason.CONTROL_CHARACTER),
            Fault(SQL("btrim({}) = ''").format(value), Reason.MISSING),
            Fault(SQL("true"), Reason.TOO_LONG, str(self.length)),
        )

    def cast(self, value: Composable) -> Composable:
        return SQL("btrim({})").format(value)


@dataclass(frozen=True, slots=True)
class CreditCode(Kind):
    """A company's credit code; later checks look at its check digit, and whether the company is known."""

    type: ClassVar[str] = "credit code"
    # A registration brings companies that are not known yet.
    may_be_new: bool = False

    def example(self) -> str:
        return "91330102XXQ000016K"

    def fits(self, value: Composable) -> Composable:
        return SQL("true")

    def faults(self, value: Composable) -> tuple[Fault, ...]:
        return (Fault(SQL("true"), Reason.WRONG_CREDIT_CODE),)


class Sealed(Kind):
    """A personal number: it is checked, hashed and masked while it is read, so that it is never stored in clear."""

    is_sealed: ClassVar[bool] = True
    wrong: ClassVar[Reason]

    @abstractmethod
    def seal(self, text: str, subject: str) -> tuple[str | bytes | None, ...]:
        """
        The values of a delivered text in the order of `staged`; a wrong number gives '' and nulls.

        `subject` is the text of the row's first column, which names the firm or the person.
        """

    def fits(self, value: Composable) -> Composable:
        return SQL("{} <> ''").format(value)

    def faults(self, value: Composable) -> tuple[Fault, ...]:
        return (Fault(SQL("true"), self.wrong),)


@dataclass(frozen=True, slots=True)
class IdNumber(Sealed):
    """A citizen's ID number; the person has to be known, unless the dataset makes persons known."""

    type: ClassVar[str] = "ID number"
    wrong: ClassVar[Reason] = Reason.WRONG_ID_NUMBER
    may_be_new: bool = False
    may_be_outside: bool = False

    def example(self) -> str:
        return "11010519491231002X"

    def staged(self, name: str) -> tuple[StagedColumn, ...]:
        found_by = (StagedColumn(name), StagedColumn(f"{name}_hash", "bytea"))
        if not self.may_be_new:
            return found_by
        return (*found_by, StagedColumn(f"{name}_encrypted", "bytea"), StagedColumn(f"{name}_born_on", "date"))

    def seal(self, text: str, subject: str) -> tuple[str | bytes | None, ...]:
        number = text.strip().upper()
        width = 4 if self.may_be_new else 2
        if not is_id_number(number):
            return _blank(text, width)
        found_by = (mask_id_number(number), number_hash := fingerprint(number))
        if not self.may_be_new:
            return found_by
        return (*found_by, ID_NUMBER.seal(number, person_identity(number_hash)), born_on(number).isoformat())


@dataclass(frozen=True, slots=True)
class AccountNumber(Sealed):
    """The number of a bank account."""

    type: ClassVar[str] = "account number"
    wrong: ClassVar[Reason] = Reason.WRONG_ACCOUNT_NUMBER
    is_of_person: bool = False

    def example(self) -> str:
        return "6222020200112233445"

    def staged(self, name: str) -> tuple[StagedColumn, ...]:
        return (StagedColumn(name), StagedColumn(f"{name}_hash", "bytea"), StagedColumn(f"{name}_encrypted", "bytea"))

    def seal(self, text: str, subject: str) -> tuple[str | bytes | None, ...]:
        number = "".join(text.split())
        if not is_account_number(number):
            return _blank(text, 3)
        number_hash = fingerprint(number)
        owner = person_identity(fingerprint(subject.strip().upper())) if self.is_of_person else subject
        return mask(number), number_hash, ACCOUNT_NUMBER.seal(number, account_identity(owner, number_hash))


def is_account_number(number: str) -> bool:
    """Whether the text has the form of a bank account's number: 8 to 32 digits."""
    return number.isascii() and number.isdigit() and len(number) in ACCOUNT_DIGITS


Seal = Callable[[str], tuple[str | bytes | None, ...]]


def _blank(text: str, width: int) -> tuple[str | bytes | None, ...]:
    return ("" if text.strip() else None, *(None,) * (width - 1))


def _matches(value: Composable, pattern: str) -> Composable:
    return SQL("{} ~ {}").format(value, Literal(pattern))


def _is_usual_or_matches(value: Composable, usual: tuple[str, ...], pattern: str) -> Composable:
    if not usual:
        return _matches(value, pattern)
    # CASE fixes the order; in a plain OR the planner may try the pattern first.
    return SQL("CASE WHEN {value} = ANY({usual}::text[]) THEN true ELSE {matches} END").format(
        value=value, usual=Literal(f"{{{','.join(usual)}}}"), matches=_matches(value, pattern)
    )


def _is_not(condition: Composable) -> Composable:
    return SQL("NOT ({})").format(condition)


def _is_one_of(value: Composable, words: tuple[str, ...]) -> Composable:
    return SQL("{} IN ({})").format(value, SQL(", ").join(map(Literal, words)))


def _within(number: Composable, has_digits: Composable, minimum: Decimal | None, maximum: Decimal | None) -> Composable:
    """The condition that a text has the digits of a number, and lies between the limits that there are."""
    if minimum is None and maximum is None:
        return has_digits
    limits = ((minimum, ">="), (maximum, "<="))
    kept = [SQL(f"{{}} {sign} {{}}").format(number, Literal(limit)) for limit, sign in limits if limit is not None]
    # A text without the digits of a number cannot be cast.
    return SQL("CASE WHEN {} THEN {} ELSE false END").format(has_digits, SQL(" AND ").join(kept))


def _range_in_words(minimum: Decimal | None, maximum: Decimal | None) -> str:
    """The limits as they stand in the sentence of a fault, such as "0 – 100" or "≥ 0"."""
    if minimum is not None and maximum is not None:
        return f"{minimum} – {maximum}"
    return f"≥ {minimum}" if minimum is not None else f"≤ {maximum}"
