"""The people who work in the city."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from qinqing.demo.city.firms import Firm
from qinqing.demo.city.names import person_name
from qinqing.demo.city.numbers import IdNumbers

SCHOOL_YEAR_ENDS = (6, 30)
# Of a hundred employees: the graduates of 2022, and those hired before anybody asked for 2019's wages.
_GRADUATES, _SETTLED = 0.042, 0.965
_FIRST_HIRES, _SETTLED_BY = date(2009, 1, 1), date(2019, 12, 1)


@dataclass(frozen=True, slots=True)
class Resident:
    """A person with a job as it really is."""

    id_number: str
    name: str
    born_on: date
    hired_on: date
    left_on: date | None
    graduated_on: date | None
    is_registered_unemployed: bool
    has_contract: bool

    @property
    def age_at_hire(self) -> int:
        """Full years at the day of hire."""
        had_birthday = (self.hired_on.month, self.hired_on.day) >= (self.born_on.month, self.born_on.day)
        return self.hired_on.year - self.born_on.year - (not had_birthday)


def staff_of(firm: Firm, luck: Random, ids: IdNumbers, today: date) -> Iterator[Resident]:
    """The insured employees of a firm."""
    for _ in range(firm.staff):
        is_graduate = luck.random() < _GRADUATES and firm.founded_on.year < 2022
        yield _graduate(luck, ids) if is_graduate else _worker(firm, luck, ids, today)


def outsider(luck: Random, ids: IdNumbers) -> str:
    """The ID number of somebody who does not work in the city."""
    return ids.take(born_on=_birthday(1968, 2000, luck), luck=luck.random())


def _graduate(luck: Random, ids: IdNumbers) -> Resident:
    born_on = _birthday(1998, 2001, luck)
    return Resident(
        id_number=ids.take(born_on=born_on, luck=luck.random()),
        name=person_name(luck.random()),
        born_on=born_on,
        hired_on=date(2022, 7, 1) + timedelta(days=int(luck.random() * 120)),
        left_on=None,
        graduated_on=date(2022, *SCHOOL_YEAR_ENDS),
        is_registered_unemployed=False,
        has_contract=luck.random() < 0.95,
    )


def _worker(firm: Firm, luck: Random, ids: IdNumbers, today: date) -> Resident:
    hired_on = _hired_on(firm, luck, today)
    born_on = _birthday(max(1964, hired_on.year - 46), hired_on.year - 20, luck)
    has_degree = luck.random() < 0.45
    return Resident(
        id_number=ids.take(born_on=born_on, luck=luck.random()),
        name=person_name(luck.random()),
        born_on=born_on,
        hired_on=hired_on,
        left_on=_left_on(hired_on, today, luck),
        graduated_on=min(date(born_on.year + 22, *SCHOOL_YEAR_ENDS), hired_on) if has_degree else None,
        is_registered_unemployed=luck.random() < 0.03,
        has_contract=luck.random() < 0.985,
    )


def _birthday(first_year: int, last_year: int, luck: Random) -> date:
    return date(first_year, 1, 1) + timedelta(days=int(luck.random() * (last_year - first_year + 1) * 365))


def _hired_on(firm: Firm, luck: Random, today: date) -> date:
    is_settled = luck.random() < _SETTLED
    start = max(firm.founded_on, _FIRST_HIRES if is_settled else _SETTLED_BY)
    end = _SETTLED_BY if is_settled and start < _SETTLED_BY else today - timedelta(days=20)
    return start + timedelta(days=int(luck.random() * max((end - start).days, 1)))


def _left_on(hired_on: date, today: date, luck: Random) -> date | None:
    if luck.random() > 0.025:
        return None
    return hired_on + timedelta(days=int(luck.random() * (today - hired_on).days))
