"""Contender (c): GoRules' zen-engine. It reads the facts of a firm, decides, and writes the entitlements."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import zen
from django.db import connection, transaction
from django.utils import timezone

from policies.models import PolicyVersion
from tests.benchmarks.match.facts import EXTRACT, LOOKED_AT, PERIODS, district_on

TABLE = "bench_records"
# In this engine a rule fails on an unknown fact, so each rule first tests whether the fact is known.
_IS_FASTER = (
    "q1 != null and q2 != null and q1_before != null and q2_before != null and q3_before != 0"
    " and q1_before + q2_before != 0 and q3 / q3_before > (q1 + q2) / (q1_before + q2_before)"
)
EXPRESSIONS = {
    "P-07": "ownership != null and ownership != 'state' and startsWith(industry, 'C') and industry_entries > 0"
    " and q3 != null and q3_before != null and q3 >= 100000000"
    f" and (q3 >= q3_before * 1.15 or (q3 >= q3_before * 1.05 and {_IS_FASTER}))"
    " ? min([floor((q3 - q3_before) / 10000000) * 20000, 10000000]) : 0",
    "P-14-2023": "size != null and paid_months != null and paid_months >= 12 and layoff_rate != null"
    " and premium != null"
    " and (layoff_rate <= 0.055 or (insured != null and insured <= 30 and layoff_rate <= 0.2))"
    " and dishonest == 0 and zombie == 0 ? floor(premium * (size == 'large' ? 0.5 : 0.9) * 100 + 0.5) / 100 : 0",
    "P-27": "scale_entries > 0 and titles > 0 and expense != null and tax_2022 != null and expense > 0"
    " ? min([expense, tax_2022, 5000000]) : 0",
    "P-37": "size in ['small', 'micro'] and standing == 'active' and is_normal == true and bills != null and bills > 0"
    " ? 1500 : 0",
    "P-37-330108": "size in ['small', 'micro'] and standing == 'active' and is_normal == true"
    " and bills != null and bills > 0 and district == '330108' ? 800 : 0",
    "P-42": "(startsWith(industry, 'I') or startsWith(industry, 'L') or startsWith(industry, 'M')"
    " or startsWith(industry, 'R')) and standing == 'active' and revenue_2022 != null and revenue_2021 != null"
    " and revenue_2022 >= revenue_2021 * 1.1 ? floor(min([min([revenue_2022 - revenue_2021, 10000000]) * 0.005"
    " + max([min([revenue_2022 - revenue_2021, 50000000]) - 10000000, 0]) * 0.003"
    " + max([revenue_2022 - revenue_2021 - 50000000, 0]) * 0.001, 1000000]) * 100 + 0.5) / 100 : 0",
}
_COLUMNS = (
    *("policy_id", "version_id", "version_hash", "company_id", "district", "subject_key", "period_key"),
    *("amount_cny", "base_cny", "limit_cny", "evidence", "as_of_on", "decided_at", "status"),
)
_INSERT = f"INSERT INTO {TABLE} ({', '.join(_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"


@lru_cache(maxsize=1)
def _decision() -> zen.ZenDecision:
    """The six policies as one graph: the facts, an expression for each policy, the amounts."""
    expressions = [{"id": code, "key": code, "value": text} for code, text in EXPRESSIONS.items()]
    kinds = {"facts": "inputNode", "policies": "expressionNode", "amounts": "outputNode"}
    nodes = [
        {"id": name, "name": name, "type": kind, "position": {"x": place, "y": 0}}
        | ({"content": {"expressions": expressions}} if name == "policies" else {})
        for place, (name, kind) in enumerate(kinds.items())
    ]
    edges = [
        {"id": f"{source}-{target}", "sourceId": source, "targetId": target, "type": "edge"}
        for source, target in (("facts", "policies"), ("policies", "amounts"))
    ]
    return zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))


def decide(work: tuple[list[int], Mapping[str, PolicyVersion], Mapping[str, Any]]) -> None:
    """Decide some companies one by one, each in a transaction of its own."""
    companies, versions, sources = work
    for company in companies:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(facts) FROM ({EXTRACT}) AS facts", {"first": company, "last": company})
            facts = json.loads(cursor.fetchone()[0])
            # The as-of day of the policy that reads the district.
            facts["district"] = district_on(facts, versions["P-37-330108"].as_of_on)
            amounts = _decision().evaluate(facts)["result"]
            for code, version in versions.items():
                if amounts[code] > 0:
                    cursor.execute(_INSERT, _row(version, code, facts, amounts[code], sources))


def _row(
    version: PolicyVersion, code: str, facts: Mapping[str, Any], amount: float, sources: Mapping[str, Any]
) -> list[object]:
    evidence = {"facts": {name: facts[name] for name in LOOKED_AT[code]}, "sources": sources[code]}
    base, most = (facts["expense"], facts["tax_2022"]) if code == "P-27" else (None, None)
    company = facts["id"]
    return [
        *(version.policy_id, version.pk, version.content_hash, company, district_on(facts, version.as_of_on)),
        *(f"company:{company}", PERIODS[code], f"{amount:.2f}", base, most, json.dumps(evidence)),
        *(version.as_of_on, timezone.now(), "open"),
    ]
