"""Contender (d): a simple loop over Django's ORM, like the first version of many such platforms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from companies.models import Company, CompanyDistrict
from policies.models import PolicyVersion
from qinqing.kernel.money import round_to_fen
from tests.benchmarks.match.facts import PERIODS
from tests.factories.dataset_models import (
    CreditRecord,
    InsuranceYear,
    LibraryEntry,
    OutputQuarter,
    ResearchYear,
    Taxpayer,
    TaxYear,
    Title,
    UtilityBill,
)

TABLE = "bench_loop"
Found = tuple[Decimal, dict[str, Any], Decimal | None, Decimal | None]


class LoopEntitlement(models.Model):
    """A row of the table to which this contender writes."""

    policy_id = models.BigIntegerField()
    version_id = models.BigIntegerField()
    version_hash = models.CharField(max_length=64)
    company_id = models.BigIntegerField()
    employee_id = models.BigIntegerField(null=True)
    district = models.CharField(max_length=6)
    subject_key = models.CharField(max_length=80)
    period_key = models.CharField(max_length=10)
    amount_cny = models.DecimalField(max_digits=14, decimal_places=2)
    base_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    limit_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    evidence = models.JSONField()
    as_of_on = models.DateField()
    decided_at = models.DateTimeField()
    status = models.CharField(max_length=10)

    class Meta:
        app_label = "bench"
        managed = False
        db_table = TABLE

    def __str__(self) -> str:
        return self.subject_key


def _output_award(company: Company, day: dt.date) -> Found | None:
    quarters = dict(OutputQuarter.objects.filter(company=company).values_list("quarter", "value"))
    in_library = [
        entry
        for entry in LibraryEntry.objects.filter(company=company, trade="industry")
        if entry.left_on is None or entry.left_on > day
    ]
    q3, before = quarters.get("2023Q3"), quarters.get("2022Q3")
    if not company.industry_code.startswith("C") or not in_library or company.ownership in (None, "state"):
        return None
    if q3 is None or before is None or q3 < 100_000_000 or not _has_grown(quarters, q3, before):
        return None
    award = min((q3 - before) // 10_000_000 * 20_000, Decimal(10_000_000))
    return award, {"output": {name: str(value) for name, value in quarters.items()}}, None, None


def _has_grown(quarters: Mapping[str, Decimal | None], q3: Decimal, before: Decimal) -> bool:
    if q3 >= before * Decimal("1.15"):
        return True
    halves = [quarters.get(name) for name in ("2023Q1", "2023Q2", "2022Q1", "2022Q2")]
    if q3 < before * Decimal("1.05") or any(value is None for value in halves):
        return False
    q1, q2, q1_before, q2_before = (value or Decimal(0) for value in halves)
    return before > 0 and q1_before + q2_before > 0 and q3 / before > (q1 + q2) / (q1_before + q2_before)


def _refund(company: Company, day: dt.date) -> Found | None:
    year = InsuranceYear.objects.filter(company=company, year=2022).first()
    listed = CreditRecord.objects.filter(company=company, kind__in=["serious_dishonesty", "zombie"], removed_on=None)
    if year is None or year.paid_months is None or year.paid_months < 12 or year.layoff_rate is None:
        return None
    is_small = year.insured is not None and year.insured <= 30 and year.layoff_rate <= Decimal("0.20")
    if not (year.layoff_rate <= Decimal("0.055") or is_small) or listed.exists() or company.size is None:
        return None
    rate = Decimal("0.5") if company.size == "large" else Decimal("0.9")
    facts = {"premium": str(year.unemployment_premium), "layoff_rate": str(year.layoff_rate), "size": company.size}
    return round_to_fen(year.unemployment_premium * rate), facts, None, None


def _research(company: Company, day: dt.date) -> Found | None:
    entries = LibraryEntry.objects.filter(company=company, trade__in=["industry", "service"], entered_on__lte=day)
    titles = Title.objects.filter(
        company=company, kind="national_high_tech", awarded_on__lte=day, awarded_on__gt=day.replace(year=day.year - 3)
    )
    year, tax = (
        model.objects.filter(company=company, year=2022).first()  # type: ignore[attr-defined]
        for model in (ResearchYear, TaxYear)
    )
    if not [entry for entry in entries if entry.left_on is None or entry.left_on > day] or not titles.exists():
        return None
    if year is None or tax is None or not year.expense or not tax.tax_paid:
        return None
    amount = min(year.expense, tax.tax_paid, Decimal(5_000_000))
    return amount, {"expense": str(year.expense)}, year.expense, tax.tax_paid


def _flat(company: Company, day: dt.date) -> Found | None:
    taxpayer = Taxpayer.objects.filter(company=company).first()
    bills = UtilityBill.objects.filter(company=company, amount__gt=0).count()
    if company.size not in ("small", "micro") or company.standing != "active" or not bills:
        return None
    if taxpayer is None or not taxpayer.is_normal:
        return None
    return Decimal(1500), {"size": company.size, "bills": bills}, None, None


def _flat_in_binjiang(company: Company, day: dt.date) -> Found | None:
    found = _flat(company, day)
    return (Decimal(800), *found[1:]) if found and _district(company, day) == "330108" else None


def _growth(company: Company, day: dt.date) -> Found | None:
    revenues = dict(TaxYear.objects.filter(company=company, year__in=[2021, 2022]).values_list("year", "revenue"))
    now, before = revenues.get(2022), revenues.get(2021)
    if company.industry_code[0] not in "ILMR" or company.standing != "active" or now is None or before is None:
        return None
    more = now - before
    if now < before * Decimal("1.1") or more <= 0:
        return None
    award = min(more, Decimal(10_000_000)) * Decimal("0.005")
    award += max(min(more, Decimal(50_000_000)) - 10_000_000, Decimal(0)) * Decimal("0.003")
    award += max(more - 50_000_000, Decimal(0)) * Decimal("0.001")
    return min(round_to_fen(award), Decimal(1_000_000)), {"growth": str(more)}, None, None


RULES: Mapping[str, Callable[[Company, dt.date], Found | None]] = {
    "P-07": _output_award,
    "P-14-2023": _refund,
    "P-27": _research,
    "P-37": _flat,
    "P-37-330108": _flat_in_binjiang,
    "P-42": _growth,
}


def _district(company: Company, day: dt.date) -> str:
    row = CompanyDistrict.objects.filter(company=company, valid_from__lte=day).order_by("-valid_from").first()
    return row.district_id if row else ""


def decide(work: tuple[list[int], Mapping[str, PolicyVersion], Mapping[str, Any]]) -> None:
    """Decide some companies one by one, each in a transaction of its own."""
    companies, versions, sources = work
    for company_id in companies:
        company = Company.objects.get(pk=company_id)
        with transaction.atomic():
            for code, version in versions.items():
                found = RULES[code](company, version.as_of_on)
                if found and found[0] > 0:
                    _create(company, version, code, found, sources)


def _create(company: Company, version: PolicyVersion, code: str, found: Found, sources: Mapping[str, Any]) -> None:
    amount, facts, base, most = found
    LoopEntitlement.objects.create(
        policy_id=version.policy_id,
        version_id=version.pk,
        version_hash=version.content_hash,
        company_id=company.pk,
        district=_district(company, version.as_of_on),
        subject_key=f"company:{company.pk}",
        period_key=PERIODS[code],
        amount_cny=amount,
        base_cny=base,
        limit_cny=most,
        evidence={"facts": facts, "sources": sources[code]},
        as_of_on=version.as_of_on,
        decided_at=timezone.now(),
        status="open",
    )
