"""The report of a campaign: counts the database, proves it against the bank, writes a table and JSON."""

from __future__ import annotations

import json
import os
import platform
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum
from rich.console import Console
from rich.table import Table

from companies.models import Company, Employee
from payouts.controls.reconcile import Invariants
from payouts.models import Claim, Payout
from payouts.states import Status
from policies.models import Entitlement, PolicyVersion, VersionStatus
from policies.preview.exact import preview

Report = dict[str, Any]
_WIDTH_OF_NUMBERS = 69


def counts(*, now: datetime) -> Report:
    """The numbers of the whole database; `unknown` are subjects of policies whose facts are missing or stale."""
    by_policy = _by_policy(now)
    paid = Payout.objects.filter(status=Status.PAID)
    return {
        "policies": PolicyVersion.objects.filter(status=VersionStatus.PUBLISHED).count(),
        "companies": Company.objects.count(),
        "employees": Employee.objects.count(),
        "entitlements": Entitlement.objects.count(),
        "claims": Claim.objects.count(),
        "payouts": Payout.objects.count(),
        "paid": paid.count(),
        "paid_cny": _yuan(paid.aggregate(total=Sum("amount_cny"))["total"]),
        "distinct_companies_paid": paid.values("company").distinct().count(),
        "distinct_employees_paid": paid.filter(employee__isnull=False).values("employee").distinct().count(),
        "waitlisted": Payout.objects.filter(status=Status.WAITLISTED).count(),
        "unknown": sum(row["unknown"] for row in by_policy),
        "by_policy": by_policy,
    }


def _by_policy(now: datetime) -> list[Report]:
    of_policy = Entitlement.objects.values("policy").annotate(entitlements=Count("pk"))
    entitled = {row["policy"]: row["entitlements"] for row in of_policy}
    paid = _paid_by_policy()
    published = PolicyVersion.objects.filter(status=VersionStatus.PUBLISHED).select_related("policy")
    return [
        {
            "code": version.policy.code,
            "title_zh": version.policy.title_zh,
            "title_en": version.policy.title_en,
            "entitlements": entitled.get(version.policy_id, 0),
            "unknown": preview(version=version, now=now).unknown,
            **paid.get(version.policy_id, {"payouts": 0, "paid": 0, "paid_cny": 0}),
        }
        for version in published.order_by("policy__code")
    ]


def _paid_by_policy() -> dict[int, Report]:
    is_paid = Q(status=Status.PAID)
    rows = Payout.objects.values("policy").annotate(
        payouts=Count("pk"), paid=Count("pk", filter=is_paid), total_cny=Sum("amount_cny", filter=is_paid)
    )
    return {
        row["policy"]: {"payouts": row["payouts"], "paid": row["paid"], "paid_cny": _yuan(row["total_cny"])}
        for row in rows
    }


def _yuan(amount: Decimal | None) -> float:
    # Only readers of the report see this float: a JSON number shows every fen of a sum below ten trillion yuan.
    return float(amount or 0)


def machine() -> Report:
    """What the campaign ran on."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone()
    return {
        "cpus": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": version,
    }


def proved(invariants: Invariants) -> Report:
    """The proofs as the report has them, with a sentence for each that failed."""
    names = ("books_balance", "bank_agrees", "double_payments", "lost")
    return {
        "invariants": {name: getattr(invariants, name) for name in names},
        "troubles": list(invariants.troubles),
    }


def complaints(report: Report) -> list[str]:
    """The faults of the outcome, one sentence each; none if all is well."""
    nothing = [] if report["paid"] else ["Nothing was paid."]
    return [*report["troubles"], *nothing]


def write_json(report: Report, path: Path) -> None:
    """Write the report where other programs can read it."""
    path.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n")


def print_table(report: Report, console: Console) -> None:
    """Show the report to people."""
    table = Table("policy", "", *("entitled", "unknown", "payouts", "paid", "yuan"), title="Paid by policy")
    for column in table.columns:
        column.no_wrap = True
    for column in table.columns[2:]:
        column.justify = "right"
    # On a narrow terminal the titles shrink, never the numbers.
    room = max(console.width - _WIDTH_OF_NUMBERS, 0)
    for row in report["by_policy"]:
        numbers = [f"{row[key]:,}" for key in ("entitlements", "unknown", "payouts", "paid")]
        table.add_row(row["code"], row["title_en"][:room], *numbers, f"{row['paid_cny']:,.2f}")
    console.print(table)
    seconds = "  ".join(f"{name} {value:.1f}" for name, value in report["seconds"].items())
    console.print(
        f"{report['paid']:,} of {report['payouts']:,} payouts paid: {report['paid_cny']:,.2f} yuan to"
        f" {report['distinct_companies_paid']:,} companies and {report['distinct_employees_paid']:,} employees"
        f" (distinct); {report['claims']:,} claims, {report['claims_through_portal']:,} of them in the portal.",
        highlight=False,
    )
    console.print(f"Seconds: {seconds}", highlight=False)
    console.print(f"Invariants: {json.dumps(report['invariants'])}", highlight=False)
    console.print(f"Peak memory of one process, MB: {json.dumps(report['peak_rss_mb'])}", highlight=False)
