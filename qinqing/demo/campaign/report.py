"""What came of a campaign: counted in the database, proved against the bank, written as a table and as JSON."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum
from rich.console import Console
from rich.table import Table

from companies.models import Company, Employee
from payouts.models import Claim, Payout
from payouts.queries import Invariants
from payouts.states import Status
from policies.models import Entitlement, Policy, PolicyVersion, VersionStatus

Report = dict[str, Any]


def counts() -> Report:
    """The numbers of the whole database."""
    paid = Payout.objects.filter(status=Status.PAID)
    return {
        "policies": PolicyVersion.objects.filter(status=VersionStatus.PUBLISHED).count(),
        "companies": Company.objects.count(),
        "employees": Employee.objects.count(),
        "entitlements": Entitlement.objects.count(),
        "claims": Claim.objects.count(),
        "payouts": Payout.objects.count(),
        "paid": paid.count(),
        "paid_cny": _yuan(paid),
        "distinct_companies_paid": paid.values("company").distinct().count(),
        "distinct_employees_paid": paid.filter(employee__isnull=False).values("employee").distinct().count(),
        "waitlisted": Payout.objects.filter(status=Status.WAITLISTED).count(),
        "by_policy": _by_policy(),
    }


def _by_policy() -> list[Report]:
    of_version = Entitlement.objects.values("policy").annotate(entitlements=Count("pk"))
    entitled = {row["policy"]: row["entitlements"] for row in of_version}
    is_paid = Q(status=Status.PAID)
    rows = Payout.objects.values("policy").annotate(
        payouts=Count("pk"), paid=Count("pk", filter=is_paid), paid_cny=Sum("amount_cny", filter=is_paid)
    )
    paid = {row["policy"]: row for row in rows}
    nothing = {"payouts": 0, "paid": 0, "paid_cny": None}
    return [
        {
            "code": policy.code,
            "title": policy.title_zh,
            "entitlements": entitled.get(policy.pk, 0),
            **{key: _plain(paid.get(policy.pk, nothing)[key]) for key in nothing},
        }
        for policy in Policy.objects.order_by("code")
    ]


def _yuan(payouts: QuerySet[Payout]) -> str:
    return str(payouts.aggregate(total=Sum("amount_cny"))["total"] or Decimal("0.00"))


def _plain(value: int | Decimal | None) -> int | str:
    return value if isinstance(value, int) else str(value or Decimal("0.00"))


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


def complaints(report: Report) -> list[str]:
    """What is wrong with the outcome, in sentences; none when all is well."""
    proofs = report["invariants"]
    found = []
    if not proofs["books_balance"]:
        found.append("The books of the funds do not balance; “manage.py reconcile” shows where.")
    if not proofs["bank_agrees"]:
        found.append("The bank's books and ours differ; “manage.py reconcile” shows where.")
    if proofs["double_payments"]:
        found.append(f"{proofs['double_payments']:,} payouts were paid twice.")
    if proofs["lost"]:
        found.append(f"{proofs['lost']:,} claims are lost: neither paid nor on their way.")
    if not report["paid"]:
        found.append("Nothing was paid.")
    return found


def proofs(invariants: Invariants) -> Report:
    """The invariants as JSON has them."""
    return {key: value for key, value in asdict(invariants).items() if isinstance(value, bool | int)}


def write_json(report: Report, path: Path) -> None:
    """Write the report where other programs can read it."""
    path.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n")


def print_table(report: Report, console: Console) -> None:
    """Show the report to people."""
    table = Table("policy", "", *("entitled", "payouts", "paid", "yuan"), title="Paid by policy")
    for column in table.columns[2:]:
        column.justify = "right"
    for row in report["by_policy"]:
        numbers = [f"{row[key]:,}" for key in ("entitlements", "payouts", "paid")]
        table.add_row(row["code"], row["title"], *numbers, f"{Decimal(row['paid_cny']):,.2f}")
    console.print(table)
    seconds = "  ".join(f"{name} {value:.1f}" for name, value in report["seconds"].items())
    console.print(
        f"{report['paid']:,} of {report['payouts']:,} payouts paid: {Decimal(report['paid_cny']):,.2f} yuan to"
        f" {report['distinct_companies_paid']:,} companies and {report['distinct_employees_paid']:,} employees"
        f" (distinct); {report['claims']:,} claims, {report['claims_through_portal']:,} of them in the portal.",
        highlight=False,
    )
    console.print(f"Seconds: {seconds}", highlight=False)
    console.print(f"Invariants: {json.dumps(report['invariants'])}", highlight=False)
    console.print(f"Peak memory of one process, MB: {json.dumps(report['peak_rss_mb'])}", highlight=False)
