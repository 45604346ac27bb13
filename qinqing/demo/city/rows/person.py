"""What departments know about the people who work in the city, as rows of their files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

from qinqing.demo.city import numbers
from qinqing.demo.city.calendar import months_between
from qinqing.demo.city.firms import Firm
from qinqing.demo.city.numbers import IdNumbers
from qinqing.demo.city.residents import Resident, outsider
from qinqing.demo.city.rows.company import BRANCHES

PERSON_COLUMNS = {
    "employees": (
        "credit_code,id_number,name,hired_on,insured_from,insured_until,insured_months,has_contract,graduated_on,"
        "is_registered_unemployed,age_at_hire"
    ),
    "wages": "id_number,year,total,months",
    "housing": "id_number,owns_home,in_public_housing,has_subsidy",
    "marriage": "id_number,is_married,spouse_id_number",
    "person_accounts": "id_number,holder_name,bank_name,bank_number,number",
}
_WAGE_YEAR = 2019
# Of a hundred people: those who are married, and of them those whose spouse works in the city too.
_MARRIED, _SPOUSE_IN_TOWN = 0.17, 0.9


def employment(firm: Firm, person: Resident, today: date) -> str:
    """A person's insurance at a firm."""
    insured_from = person.hired_on.replace(day=1)
    months = months_between(insured_from, person.left_on or today)
    return (
        f"{firm.credit_code},{person.id_number},{person.name},{person.hired_on},{insured_from},{person.left_on or ''},"
        f"{months},{_yes(person.has_contract)},{person.graduated_on or ''},{_yes(person.is_registered_unemployed)},"
        f"{person.age_at_hire}"
    )


def wages(person: Resident, luck: Random) -> Iterator[str]:
    """What a person earned in 2019, for those who had a job then; the tax office misses a few."""
    if person.hired_on.year > _WAGE_YEAR or luck.random() < 0.012:
        return
    months = 12 if person.hired_on.year < _WAGE_YEAR else 13 - person.hired_on.month
    month_cny = 2_300 + luck.lognormvariate(7.25, 0.55)
    yield f"{person.id_number},{_WAGE_YEAR},{month_cny * months:.2f},{months}"


def housing(person: Resident, luck: Random) -> Iterator[str]:
    """A person's home by the housing registers; some people were never looked up."""
    chance = luck.random()
    if chance < 0.985:
        owns, is_public, has_subsidy = chance < 0.03, 0.03 < chance < 0.038, 0.038 < chance < 0.046
        yield f"{person.id_number},{_yes(owns)},{_yes(is_public)},{_yes(has_subsidy)}"


def account(person: Resident, serial: int, luck: Random) -> Iterator[str]:
    """The bank card on a person's social security card; a hundredth never collected theirs."""
    chance = luck.random()
    if chance < 0.99:
        bank_name, bank_number = BRANCHES[int(chance * 100) % len(BRANCHES)]
        yield f"{person.id_number},{person.name},{bank_name},{bank_number},{numbers.card_number(serial)}"


class Marriages:
    """Marries the people of the city to each other, and the rest of them to people from elsewhere."""

    def __init__(self, luck: Random, ids: IdNumbers) -> None:
        self._luck, self._ids = luck, ids
        self._waiting: list[str] = []

    def rows(self, person: Resident) -> Iterator[str]:
        """The rows that are final by now; none while the person waits for a match."""
        chance = self._luck.random()
        if chance > _MARRIED:
            if chance < 0.99:
                yield f"{person.id_number},false,"
        elif chance > _MARRIED * _SPOUSE_IN_TOWN:
            yield self._married_elsewhere(person.id_number)
        elif self._waiting and self._luck.random() < 0.5:
            spouse = self._a_waiting_one()
            yield f"{person.id_number},true,{spouse}"
            yield f"{spouse},true,{person.id_number}"
        else:
            self._waiting.append(person.id_number)

    def rest(self) -> Iterator[str]:
        """The rows of the people who found nobody in the city."""
        for id_number in self._waiting:
            yield self._married_elsewhere(id_number)
        self._waiting.clear()

    def _married_elsewhere(self, id_number: str) -> str:
        return f"{id_number},true,{outsider(self._luck, self._ids)}"

    def _a_waiting_one(self) -> str:
        place = int(self._luck.random() * len(self._waiting))
        self._waiting[place], self._waiting[-1] = self._waiting[-1], self._waiting[place]
        return self._waiting.pop()


def _yes(is_so: bool) -> str:  # noqa: FBT001 - a word for a truth value
    return "true" if is_so else "false"
