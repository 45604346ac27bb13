"""Contender (a): each policy as SQL written by hand, into a table with the same indexes, constraints and triggers."""

from __future__ import annotations

import re
from pathlib import Path

from django.db import connection
from django.utils import timezone
from psycopg.sql import SQL, Composable, Identifier, Literal
from psycopg.types.json import Jsonb

from companies.firms.queries import freshness
from policies.models import PolicyVersion, Track
from policies.rules.rules import checked_rules_of
from policies.rules.versions import as_of
from policies.subjects import known_subjects

TABLE = "bench_by_hand"
_TEXTS = Path(__file__).with_name("by_hand.sql").read_text(encoding="utf-8")
_POLICIES = dict(re.findall(r"^-- policy (\S+)\n(.*?)^-- end$", _TEXTS, flags=re.MULTILINE | re.DOTALL))
_HIT_INDUSTRY = (
    "(left(c.industry_code, 3) IN ('H62', 'F52', 'G53', 'G54', 'G55', 'G56') OR c.industry_code LIKE 'L7291%'"
    " OR c.industry_code LIKE 'N786%')"
)
_DISTRICT = (
    r"(SELECT o.district_id FROM companies_companydistrict o WHERE o.company_id = \1 AND o.valid_from <= :day"
    " ORDER BY o.valid_from DESC LIMIT 1)"
)
_MEAN = "round(div(sum(insured) * 1e40, nullif(count(*), 0)) * 1e-40, 38)"
# The policies that differ from another one only in the year, and the replacements in its text.
_YEARS = {
    "P-14": ("P-14", {"year": "2021", "period": "2022", "large": "0.3", "other": "0.6"}),
    "P-14-2023": ("P-14", {"year": "2022", "period": "2023", "large": "0.5", "other": "0.9"}),
    "P-16": ("P-16", {"year": "2022"}),
    "P-16-2021": ("P-16", {"year": "2021"}),
    "P-17": ("P-17", {"year": "2022", "since": "2020-07-01"}),
    "P-17-2023": ("P-17", {"year": "2023", "since": "2021-07-01"}),
    "P-23": ("P-23", {"year": "2025"}),
    "P-23-2024": ("P-23", {"year": "2024"}),
    "P-24": ("P-24", {"year": "2023"}),
    "P-24-2024": ("P-24", {"year": "2024"}),
    "P-27": ("P-27", {"year": "2022"}),
    "P-27-2021": ("P-27", {"year": "2021"}),
}


def decide(version: PolicyVersion) -> int:
    """Decide the whole city for one policy in one statement; returns how many entitlements were written."""
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '64MB'")
        cursor.execute(statement(version).as_string(cursor.connection))
        return int(cursor.rowcount)


def statement(version: PolicyVersion) -> Composable:
    """The statement that a person would write by hand for a policy."""
    day = as_of(version=version, now=timezone.now())
    wording = checked_rules_of(version)
    facts = SQL(", ").join(
        SQL("{}, {}").format(Literal(mention.text), Identifier(f"f{place}"))
        for place, mention in enumerate(wording.mentions, start=1)
    )
    delivered = freshness()
    sources = {
        mention.dataset: {"department": mention.department, "as_of": str(delivered.get(mention.dataset, ""))}
        for mention in wording.mentions
        if mention.dataset
    }
    return SQL(
        "INSERT INTO {table} (policy_id, version_id, version_hash, company_id, employee_id, district, subject_key,"
        " period_key, amount_cny, base_cny, limit_cny, evidence, as_of_on, decided_at, status)"
        " SELECT {policy}, {version}, {hash}, company_id, employee_id, coalesce(district, ''), key, period, amount,"
        " base, most, jsonb_build_object('facts', jsonb_build_object({facts}), 'sources', {sources}::jsonb{listed}),"
        " {day}, now(), 'open' FROM ({rows}) AS rows{unless_there}"
    ).format(
        table=Identifier(TABLE),
        policy=Literal(version.policy_id),
        version=Literal(version.pk),
        hash=Literal(version.content_hash),
        facts=facts,
        sources=Literal(Jsonb(sources)),
        listed=SQL(", 'list', listed" if version.track == Track.WHITELIST else ""),
        day=Literal(day),
        rows=SQL(_rows(version, f"DATE '{day}'").replace("{", "{{").replace("}", "}}")),
        # If nobody else can have written the row, a plain INSERT is enough, as for ours (ADR 24).
        unless_there=SQL(_UNLESS_THERE if known_subjects()[version.subject].shared_column else ""),
    )


_UNLESS_THERE = " ON CONFLICT (policy_id, subject_key, period_key) DO NOTHING"


def _rows(version: PolicyVersion, day: str) -> str:
    text, values = _YEARS.get(version.policy.code, (version.policy.code, {}))
    rows = _POLICIES[text]
    for name, value in values.items():
        rows = rows.replace(f":{name}", value)
    rows = re.sub(r":district\(([a-z_.]+)\)", _DISTRICT, rows).replace(":hit_industry", _HIT_INDUSTRY)
    rows = rows.replace(":mean", _MEAN).replace(":version", str(version.pk))
    rows = rows.replace(":day", day)
    if not known_subjects()[version.subject].shared_column:
        return rows
    # If several firms share a subject, the firm with the lowest id gets it, by its earliest row.
    order = "key, period, company_id, starts, item_id"
    return f"SELECT DISTINCT ON (key, period) * FROM ({rows}) AS every ORDER BY {order}"
