"""The whole city: from a plan to the files that its departments deliver."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random

from qinqing.demo.city import places
from qinqing.demo.city.files import DatasetFile, DatasetFiles
from qinqing.demo.city.firms import CAST, Firm, firms
from qinqing.demo.city.numbers import IdNumbers
from qinqing.demo.city.plan import CityPlan
from qinqing.demo.city.residents import Resident, staff_of
from qinqing.demo.city.rows import hiring
from qinqing.demo.city.rows.company import COMPANY_FILES, OLD_REGISTRATION
from qinqing.demo.city.rows.hiring import (
    HIRING_COLUMNS,
    benefits,
    car_sales,
    contributions,
    credit,
    hire,
    is_in_hardship,
)
from qinqing.demo.city.rows.person import PERSON_COLUMNS, Marriages, account, employment, housing, wages

_OLD = "old_registration"
# The register of firms comes before other files about firms, that of people before other files about people.
ORDER = (
    _OLD,
    "registration",
    "employees",
    *[n for n in COMPANY_FILES if n != "registration"],
    *[n for n in PERSON_COLUMNS if n != "employees"],
    *HIRING_COLUMNS,
)
# Datasets about people; each row also registers whom it names.
ABOUT_PEOPLE = frozenset((*PERSON_COLUMNS, *HIRING_COLUMNS))
_IN_TWO_FIRMS = 0.004
# A dealer's buyers are people whom the city met lately.
_BUYERS_KNOWN = 500


@dataclass(frozen=True, slots=True)
class CityFile:
    """One file to deliver."""

    dataset: str
    delivery_id: str
    as_of_on: date
    path: Path
    rows: int


def write_city(
    plan: CityPlan, *, folder: Path, advance: Callable[[int], None] = lambda firms_done: None
) -> list[CityFile]:
    """
    Write the departments' files into the folder; returns them in the order in which they can be delivered.

    `advance` hears now and then how many firms are done.
    """
    columns = {_OLD: OLD_REGISTRATION.columns} | {name: file.columns for name, file in COMPANY_FILES.items()}
    with DatasetFiles(folder, columns | PERSON_COLUMNS | HIRING_COLUMNS) as files:
        _write_rows(plan, files, advance)
        written = [files[name] for name in ORDER]
    return [_city_file(plan, name, file) for name, file in zip(ORDER, written, strict=True)]


def _city_file(plan: CityPlan, name: str, file: DatasetFile) -> CityFile:
    is_old = name == _OLD
    return CityFile(
        dataset="registration" if is_old else name,
        delivery_id=f"city-{plan.seed}-{name}",
        as_of_on=places.REFORMED_ON - timedelta(days=1) if is_old else plan.today,
        path=file.path,
        rows=file.rows,
    )


def _write_rows(plan: CityPlan, files: DatasetFiles, advance: Callable[[int], None]) -> None:
    rows_of = {_OLD: OLD_REGISTRATION} | COMPANY_FILES
    streams = {name: plan.luck(name) for name in rows_of}
    people = _People(plan, files)
    for firm in firms(plan):
        for name, file in rows_of.items():
            files[name].add(file.rows(firm, streams[name], plan.today))
        people.add(firm)
        if firm.serial % 500 == 499:
            advance(firm.serial + 1)
    people.close()
    advance(plan.companies)


def cast_codes(plan: CityPlan) -> list[str]:
    """The credit codes of the firms with a part to play, in the order of `CAST`."""
    return [firm.credit_code for firm in islice(firms(plan), len(CAST))]


class _People:
    """Writes the files about people, firm by firm."""

    def __init__(self, plan: CityPlan, files: DatasetFiles) -> None:
        self._today, self._files = plan.today, files
        self._luck: dict[str, Random] = {
            name: plan.luck(name) for name in (*PERSON_COLUMNS, *HIRING_COLUMNS, "second_jobs")
        }
        self._ids = IdNumbers()
        self._marriages = Marriages(self._luck["marriage"], self._ids)
        self._serial = 0
        self._newest: Resident | None = None
        self._buyers: deque[Resident] = deque(maxlen=_BUYERS_KNOWN)

    def add(self, firm: Firm) -> None:
        """Write the firm's staff, and now and then somebody who also works elsewhere."""
        if self._newest and firm.staff and self._luck["second_jobs"].random() < _IN_TWO_FIRMS * firm.staff:
            self._files["employees"].add([employment(firm, self._newest, self._today)])
        for place, person in enumerate(staff_of(firm, self._luck["employees"], self._ids, self._today)):
            self._files["employees"].add([employment(firm, person, self._today)])
            self._write_person(person)
            self._write_hiring(firm, person, is_first=place == 0)
            self._buyers.append(person)
            self._newest = person
        cars = car_sales(firm, self._luck["car_sales"], self._buyers)
        self._files["car_sales"].add(cars)

    def close(self) -> None:
        """Write the rows that had to wait until all people were known."""
        self._files["marriage"].add(self._marriages.rest())

    def _write_hiring(self, firm: Firm, person: Resident, *, is_first: bool) -> None:
        """Write the subsidised facts of a person's hiring; the first in a restaurant of the cast has some of each."""
        is_named = is_first and firm.part is not None and firm.industry.code.startswith("H62")
        trainings = hiring.trainings(firm, person, self._luck["trainings"], is_named=is_named)
        self._files["trainings"].add(trainings)
        self._files["person_credit"].add(credit(person, self._luck["person_credit"]))
        if is_named or is_in_hardship(person, self._luck["hardship_hires"]):
            self._files["hardship_hires"].add([hire(firm, person, self._luck["hardship_hires"])])
            self._files["contributions"].add(contributions(firm, person, self._luck["contributions"]))
            self._files["unemployment_benefits"].add(
                benefits(person, self._luck["unemployment_benefits"], is_named=is_named)
            )

    def _write_person(self, person: Resident) -> None:
        self._serial += 1
        self._files["wages"].add(wages(person, self._luck["wages"]))
        self._files["housing"].add(housing(person, self._luck["housing"]))
        self._files["marriage"].add(self._marriages.rows(person))
        accounts = account(person, self._serial, self._luck["person_accounts"])
        self._files["person_accounts"].add(accounts)
