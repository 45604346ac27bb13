"""The firms of the city: a few with a part to play, and all the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from qinqing.demo.city import numbers, places
from qinqing.demo.city.industries import BY_CODE, Industry, industry_of
from qinqing.demo.city.names import firm_name
from qinqing.demo.city.plan import CityPlan

OLDEST, YOUNG_FROM = date(1996, 1, 1), date(2019, 7, 1)
# Sizes of firms follow a power law; the bound keeps one giant from employing half of a small city.
_TAIL, _LARGEST_HEFT_PER_COMPANY = 1.25, 0.06
_WITHOUT_STAFF = 0.03
# One firm of the cast takes at most this part of a small city's people.
_PART_OF_SMALL_CITY = 16


@dataclass(frozen=True, slots=True)
class CastRole:
    """
    The part that a firm of the cast plays, so that even the smallest city has one of each kind.

    Its staff is `staff`, or what a small city can spare.
    """

    industry_code: str
    staff: int
    least_revenue_cny: int
    is_high_tech: bool = False
    has_account: bool = True
    founded_on: date = date(2012, 5, 18)
    # The day on which it entered the statistics library, if that was not soon after its founding.
    entered_on: date | None = None
    lists: tuple[str, ...] = ()
    loan_cny: int = 0
    is_little_giant: bool = False


CAST = (
    CastRole("H6210", 46, 96_000_000),
    CastRole("C3670", 420, 900_000_000, is_high_tech=True, lists=("top_100", "key_chain"), loan_cny=60_000_000),
    CastRole("K7020", 64, 24_000_000),
    CastRole("F5212", 180, 960_000_000),
    CastRole("I6513", 28, 18_000_000, is_high_tech=True),
    CastRole("L7249", 2, 800_000, has_account=False),
    CastRole("F5261", 34, 130_000_000),
    CastRole("F5213", 12, 64_000_000, founded_on=date(2022, 11, 15), entered_on=date(2023, 3, 31)),
    CastRole(
        *("C3973", 65, 88_000_000),
        is_high_tech=True,
        entered_on=date(2023, 2, 28),
        lists=("key_chain",),
        loan_cny=8_000_000,
        is_little_giant=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm as it really is; the departments' files hold what they know of it."""

    serial: int
    credit_code: str
    name: str
    industry: Industry
    old_district: str
    district: str
    founded_on: date
    standing: str
    ownership: str
    staff: int
    revenue_cny: int
    part: CastRole | None

    @property
    def is_government_unit(self) -> bool:
        """Whether it is an office of the government rather than a business."""
        return self.industry.code.startswith("S")


def firms(plan: CityPlan) -> Iterator[Firm]:
    """All firms of the city; the first ones are the cast."""
    luck, cast_luck = plan.luck("firms"), plan.luck("cast")
    parts: list[CastRole | None] = [*CAST[: plan.companies], *([None] * max(plan.companies - len(CAST), 0))]
    industries = [BY_CODE[part.industry_code] if part else industry_of(luck.random()) for part in parts]
    staffs = _staffs(plan, parts, industries, luck)
    for serial, (part, industry, staff) in enumerate(zip(parts, industries, staffs, strict=True)):
        # The cast is the same in a city of any size.
        yield _firm(plan, serial, industry, part, staff, cast_luck if part else luck)


def _staffs(plan: CityPlan, parts: list[CastRole | None], industries: list[Industry], luck: Random) -> list[int]:
    cast = [min(part.staff, plan.employees // _PART_OF_SMALL_CITY) for part in parts if part]
    largest = max(plan.companies * _LARGEST_HEFT_PER_COMPANY, 20.0)
    hefts = [min(_heft(industry, luck), largest) for industry in industries[len(cast) :]]
    return cast + _shared_out(plan.employees - sum(cast), hefts)


def _heft(industry: Industry, luck: Random) -> float:
    if luck.random() < _WITHOUT_STAFF:
        return 0.0
    return luck.paretovariate(_TAIL) * industry.heft


def _shared_out(total: int, hefts: list[float]) -> list[int]:
    """Whole numbers in proportion to the hefts, which add up to the total; the last one takes the remainder."""
    scale, owed, shares = total / max(sum(hefts), 1.0), 0.0, []
    for heft in hefts:
        owed += heft * scale
        shares.append(int(owed))
        owed -= int(owed)
    if shares:
        shares[-1] += total - sum(shares)
    return shares


def _firm(plan: CityPlan, serial: int, industry: Industry, part: CastRole | None, staff: int, luck: Random) -> Firm:
    old_district = places.district_of_old(luck.random())
    district = places.district_today(old_district, luck.random())
    founded_on = part.founded_on if part else _founded_on(plan, luck)
    first_district = old_district if founded_on < places.REFORMED_ON else district
    revenue = int((staff + 0.7) * industry.revenue_per_head_cny * luck.lognormvariate(0, _spread(industry)))
    return Firm(
        serial=serial,
        credit_code=numbers.credit_code(region=first_district, seed=plan.seed, serial=serial),
        name=firm_name(word=industry.word, luck=luck),
        industry=industry,
        old_district=old_district,
        district=district,
        founded_on=founded_on,
        standing="active" if part else _standing(luck.random()),
        ownership="private" if part else _ownership(industry, luck.random()),
        staff=staff,
        revenue_cny=max(revenue, part.least_revenue_cny if part else 0),
        part=part,
    )


def _spread(industry: Industry) -> float:
    """How far firms of one size differ in revenue: machines and warehouses earn more than hands."""
    return 1.5 if industry.code.startswith(("C", "F52", "H62")) else 0.9


def _founded_on(plan: CityPlan, luck: Random) -> date:
    start, end = (OLDEST, YOUNG_FROM) if luck.random() < 0.95 else (YOUNG_FROM, plan.today - timedelta(days=30))
    # The later of two draws counts, so that young firms are more common than old ones.
    share = max(luck.random(), luck.random()) if start is OLDEST else luck.random() ** 2
    return start + timedelta(days=int(share * (end - start).days))


def _standing(luck: float) -> str:
    if luck < 0.978:
        return "active"
    return "deregistered" if luck < 0.992 else "liquidation"


def _ownership(industry: Industry, luck: float) -> str:
    if luck < 0.02 or industry.code.startswith("S"):
        return "state"
    if luck < 0.055:
        return "foreign"
    return "collective" if luck < 0.07 else "private"
