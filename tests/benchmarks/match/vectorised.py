"""Contender (b): OpenFisca-core. COPY out, a simulation over numpy arrays, COPY in."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone
from openfisca_core.entities import build_entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from policies.models import PolicyVersion
from tests.benchmarks.match.facts import CODES, EXTRACT, LOOKED_AT, PERIODS

TABLE = "bench_vectorised"
UNKNOWN = -1
# Money is in fen, because OpenFisca's own floats have seven digits.
_FEN = (
    *("premium", "q3", "q3_before", "q1", "q2", "q1_before", "q2_before"),
    *("revenue_2022", "revenue_2021", "tax_2022", "expense"),
)
_NUMBERS = (
    "bills",
    *("dishonest", "zombie", "paid_months", "insured", "industry_entries", "scale_entries", "titles"),
    "layoff_rate",
)
_TEXTS = {"industry": "U6", "size": "U8", "standing": "U14", "ownership": "U12"}
_DISTRICTS = {"newest": "U6", "newest_from": "U10", "older": "U6", "older_from": "U10"}

FIRM = build_entity(key="firm", plural="firms", label="Firm", is_person=True)
_RATES = {
    "refund": {
        "large": {"values": {"2020-01-01": {"value": 3}, "2022-06-01": {"value": 5}}},
        "other": {"values": {"2020-01-01": {"value": 6}, "2022-06-01": {"value": 9}}},
    }
}
Formula = Callable[..., Any]


def _is_one_of(texts: Any, *wanted: str) -> Any:
    return np.isin(texts.astype(str), wanted)


def _starts(texts: Any, *wanted: str) -> Any:
    texts = texts.astype(str)
    return np.any([np.char.startswith(texts, each) for each in wanted], axis=0)


def _output_award(firm: Any, period: Any) -> Any:
    q3, before = firm("q3", period), firm("q3_before", period)
    half, half_before = (
        np.where((one >= 0) & (two >= 0), one + two, np.nan)
        for one, two in (
            (firm("q1", period), firm("q2", period)),
            (firm("q1_before", period), firm("q2_before", period)),
        )
    )
    with np.errstate(all="ignore"):
        is_faster = np.where(before > 0, q3 / before, np.nan) > np.where(half_before > 0, half / half_before, np.nan)
    grew = (q3 * 100 >= before * 115) | ((q3 * 100 >= before * 105) & is_faster)
    is_plant = _starts(firm("industry", period), "C") & (firm("industry_entries", period) > 0)
    is_private = ~_is_one_of(firm("ownership", period), "state", "")
    award = np.minimum((q3 - before) // 1_000_000_000 * 2_000_000, 1_000_000_000)
    return np.where(is_plant & is_private & (q3 >= 10_000_000_000) & (before >= 0) & grew, award, 0)


def _refund(firm: Any, period: Any, parameters: Any) -> Any:
    layoffs, insured = firm("layoff_rate", period), firm("insured", period)
    keeps = (layoffs >= 0) & ((layoffs <= 550) | ((insured >= 0) & (insured <= 30) & (layoffs <= 2000)))
    rates, size = parameters("2023-05-31").refund, firm("size", period)
    tenths = np.where(_is_one_of(size, "large"), rates.large, rates.other)
    is_clean = (firm("dishonest", period) == 0) & (firm("zombie", period) == 0)
    holds = (firm("paid_months", period) >= 12) & keeps & is_clean & (size.astype(str) != "")
    return np.where(holds, (firm("premium", period) * tenths + 5) // 10, 0)


def _research(firm: Any, period: Any) -> Any:
    expense, tax = firm("expense", period), firm("tax_2022", period)
    holds = (firm("scale_entries", period) > 0) & (firm("titles", period) > 0) & (expense > 0) & (tax > 0)
    return np.where(holds, np.minimum(np.minimum(expense, tax), 500_000_000), 0)


def _flat(firm: Any, period: Any) -> Any:
    is_small = _is_one_of(firm("size", period), "small", "micro") & _is_one_of(firm("standing", period), "active")
    return np.where(is_small & firm("is_normal", period) & (firm("bills", period) > 0), 150_000, 0)


def _flat_in_binjiang(firm: Any, period: Any) -> Any:
    return np.where((firm("flat", period) > 0) & firm("is_in_binjiang", period), 80_000, 0)


def _growth(firm: Any, period: Any) -> Any:
    now, before = firm("revenue_2022", period), firm("revenue_2021", period)
    more = now - before
    slabs = (
        np.minimum(more, 1_000_000_000) * 5
        + np.maximum(np.minimum(more, 5_000_000_000) - 1_000_000_000, 0) * 3
        + np.maximum(more - 5_000_000_000, 0)
    )
    is_service = _starts(firm("industry", period), "I", "L", "M", "R") & _is_one_of(firm("standing", period), "active")
    holds = is_service & (before >= 0) & (now >= 0) & (now * 10 >= before * 11) & (more > 0)
    return np.where(holds, np.minimum((slabs + 500) // 1000, 100_000_000), 0)


FORMULAS: Mapping[str, tuple[str, Formula]] = {
    "P-07": ("output_award", _output_award),
    "P-14-2023": ("refund", _refund),
    "P-27": ("research", _research),
    "P-37": ("flat", _flat),
    "P-37-330108": ("flat_in_binjiang", _flat_in_binjiang),
    "P-42": ("growth", _growth),
}


@lru_cache(maxsize=1)
def _system() -> TaxBenefitSystem:
    system = TaxBenefitSystem([FIRM])
    system.parameters = ParameterNode("", data=_RATES)
    kinds = dict.fromkeys((*_FEN, *_NUMBERS), int) | dict.fromkeys(_TEXTS, str)
    for name, kind in (kinds | {"is_normal": bool, "is_in_binjiang": bool}).items():
        body = {"value_type": kind, "entity": FIRM, "definition_period": DateUnit.ETERNITY}
        system.add_variable(type(name, (Variable,), body))
    for name, formula in FORMULAS.values():
        body = {"value_type": int, "entity": FIRM, "definition_period": DateUnit.YEAR, "formula": formula}
        system.add_variable(type(name, (Variable,), body))
    for name in (*_FEN, *(name for name, _formula in FORMULAS.values())):
        system.variables[name].dtype = np.int64
    return system


def decide(companies: tuple[int, int, tuple[PolicyVersion, ...], Mapping[str, Any]]) -> int:
    """Decide a range of companies for the six policies; returns how many entitlements were written."""
    first, last, versions, sources = companies
    rows = _read(first, last)
    simulation = SimulationBuilder().build_default_simulation(_system(), count=len(rows))
    for name in (*_FEN, *_NUMBERS, *_TEXTS):
        simulation.set_input(name, "eternity", rows[name].astype(object) if name in _TEXTS else rows[name])
    day = dt.date(2022, 8, 31)
    simulation.set_input("is_normal", "eternity", rows["is_normal"] == 1)
    simulation.set_input("is_in_binjiang", "eternity", _districts(rows, day) == "330108")
    amounts = {code: simulation.calculate(FORMULAS[code][0], "2023") for code in CODES}
    return sum(_write(version, rows, amounts[version.policy.code], sources) for version in versions)


def _read(first: int, last: int) -> Any:
    columns = ["id", *(f"coalesce(round({name} * 100), {UNKNOWN})::bigint" for name in _FEN)]
    columns += [
        f"coalesce(round({name} * {10000 if name == 'layoff_rate' else 1}), {UNKNOWN})::bigint" for name in _NUMBERS
    ]
    columns += ["coalesce(is_normal, false)::int", *(f"coalesce({name}::text, '')" for name in (*_TEXTS, *_DISTRICTS))]
    kinds = [("id", "i8"), *((name, "i8") for name in (*_FEN, *_NUMBERS, "is_normal")), *_TEXTS.items()]
    text = io.StringIO()
    extract = EXTRACT % {"first": first, "last": last}
    copy = f"COPY (SELECT {', '.join(columns)} FROM ({extract}) AS facts) TO STDOUT (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(copy) as reading:
        for block in reading:
            text.write(str(block, "utf-8"))
    text.seek(0)
    return np.loadtxt(
        text, dtype=np.dtype([*kinds, *_DISTRICTS.items()]), delimiter=",", quotechar='"', comments=None, ndmin=1
    )


def _districts(rows: Any, day: dt.date) -> Any:
    known = [(rows[f"{name}_from"] != "") & (rows[f"{name}_from"] <= str(day)) for name in ("newest", "older")]
    return np.select(known, [rows["newest"], rows["older"]], "")


def _write(version: PolicyVersion, rows: Any, amounts: Any, sources: Mapping[str, Any]) -> int:
    code, now = version.policy.code, timezone.now()
    districts = _districts(rows, version.as_of_on)
    paid = np.flatnonzero(amounts)
    names = LOOKED_AT[code]
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY {TABLE} (policy_id, version_id, version_hash, company_id, district, subject_key, period_key,"
            " amount_cny, base_cny, limit_cny, evidence, as_of_on, decided_at, status) FROM STDIN"
        ) as writing,
    ):
        looked_at = [rows[name][paid].tolist() for name in names]
        for place, company, district, amount, *values in zip(
            paid, rows["id"][paid].tolist(), districts[paid].tolist(), amounts[paid].tolist(), *looked_at, strict=True
        ):
            facts = {name: value / 100 if name in _FEN else value for name, value in zip(names, values, strict=True)}
            base, most = (
                (rows["expense"][place] / 100, rows["tax_2022"][place] / 100) if code == "P-27" else (None, None)
            )
            writing.write_row(
                (
                    *(version.policy_id, version.pk, version.content_hash, company, district),
                    *(f"company:{company}", PERIODS[code], f"{amount // 100}.{amount % 100:02d}", base, most),
                    json.dumps({"facts": facts, "sources": sources[code]}),
                    *(version.as_of_on, now, "open"),
                )
            )
    return len(paid)
