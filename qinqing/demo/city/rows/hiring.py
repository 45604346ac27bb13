"""People whose hiring or training is subsidised, and those who bought a car, as rows of the departments' files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from qinqing.demo.city.calendar import CONTRIBUTION_MONTHS, months_from
from qinqing.demo.city.firms import Firm
from qinqing.demo.city.residents import Resident

HIRING_COLUMNS = {
    "trainings": "credit_code,id_number,name,month,kind,hired_on,month_number",
    "hardship_hires": "credit_code,id_number,name,hired_on,gender,age_at_hire,last_left_on",
    "contributions": "id_number,month,employer,fees",
    "unemployment_benefits": "id_number,month,amount",
    "person_credit": "id_number,kind,listed_on,removed_on",
    "car_sales": "credit_code,id_number,name,vin,is_new_energy,price_ex_tax,sold_on",
}
_HARD_HIT = ("H62", "F52", "G53", "G54", "G55", "G56")
_VIN_SIGNS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def trainings(firm: Firm, person: Resident, luck: Random, *, is_named: bool) -> Iterator[str]:
    """The months in which a firm trained a person; now and then more of them than are paid for."""
    chance, months = luck.random(), 1 + int(luck.random() * 7)
    kind = _trainee_kind(firm, person)
    if not is_named and (not kind or chance > (0.03 if kind == "staff" else 0.6)):
        return
    first = "2021-01" if person.hired_on.year < 2021 else f"{person.hired_on:%Y-%m}"
    for number, month in enumerate(months_from(first, months), start=1):
        yield (
            f"{firm.credit_code},{person.id_number},{person.name},{month},{kind or 'staff'},{person.hired_on},{number}"
        )


def _trainee_kind(firm: Firm, person: Resident) -> str:
    if date(2020, 6, 1) <= person.hired_on <= date(2021, 9, 1):
        if person.graduated_on and (person.hired_on - person.graduated_on).days <= 730:
            return "graduate"
        if person.is_registered_unemployed:
            return "registered_unemployed"
    return "staff" if firm.industry.code[:3] in _HARD_HIT and person.hired_on.year < 2021 else ""


def is_in_hardship(person: Resident, luck: Random) -> bool:
    """Whether the person was registered as one in hardship before the hire."""
    return date(2020, 1, 1) <= person.hired_on <= date(2022, 10, 1) and luck.random() < 0.3


def hire(firm: Firm, person: Resident, luck: Random) -> str:
    """The registration of a hardship person's hire; one in twelve came back to the same owner."""
    came_back = luck.random() < 0.08
    last_left_on = person.hired_on - timedelta(days=30 + int(luck.random() * 400)) if came_back else ""
    # The last digit but one of an ID number is odd for men.
    gender = "male" if int(person.id_number[16]) % 2 else "female"
    return (
        f"{firm.credit_code},{person.id_number},{person.name},{person.hired_on},{gender},{person.age_at_hire},"
        f"{last_left_on}"
    )


def contributions(firm: Firm, person: Resident, luck: Random) -> Iterator[str]:
    """The three fees that the firm paid for the person, month by month."""
    fees = luck.uniform(980, 1_420)
    for month in CONTRIBUTION_MONTHS:
        if luck.random() < 0.98:
            yield f"{person.id_number},{month},{firm.credit_code},{fees:.2f}"


def benefits(person: Resident, luck: Random, *, is_named: bool) -> Iterator[str]:
    """A month in which somebody received unemployment benefit although they worked."""
    if luck.random() < 0.04 and not is_named:
        yield f"{person.id_number},{CONTRIBUTION_MONTHS[int(luck.random() * 6)]},1656.00"


def credit(person: Resident, luck: Random) -> Iterator[str]:
    """The list of dishonest persons; half of those listed found their way out again."""
    if luck.random() < 0.002:
        listed_on = date(2019, 1, 1) + timedelta(days=int(luck.random() * 1200))
        removed_on = listed_on + timedelta(days=200) if luck.random() < 0.5 else ""
        yield f"{person.id_number},serious_dishonesty,{listed_on},{removed_on}"


def car_sales(firm: Firm, luck: Random, buyers: Sequence[Resident]) -> Iterator[str]:
    """The cars that a dealer sold in 2022 to people of the city."""
    if firm.industry.code != "F5261" or not buyers:
        return
    for number in range(2 + min(firm.staff * 2, 60)):
        buyer = buyers[int(luck.random() * len(buyers))]
        price = min(60_000 + luck.lognormvariate(11.6, 0.6), 900_000)
        sold_on = date(2022, 1, 1) + timedelta(days=int(luck.random() * 365))
        sign = _VIN_SIGNS[int(luck.random() * len(_VIN_SIGNS))]
        vin = f"LQ{sign}{firm.serial:08d}{number:06d}"
        is_new_energy = "true" if luck.random() < 0.6 else "false"
        yield f"{firm.credit_code},{buyer.id_number},{buyer.name},{vin},{is_new_energy},{price:.2f},{sold_on}"
