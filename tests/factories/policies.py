"""Firms and people with facts that departments delivered, and policies about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from itertools import count
from typing import TypeVar

from stdnum.cn import uscc

from companies.datasets.base import DatasetRow, PersonRow
from companies.datasets.facts import dataset_models
from companies.datasets.tables.labour import Employment
from companies.models import (
    Company,
    CompanyDistrict,
    Delivery,
    DeliveryStatus,
    District,
    Employee,
    TouchedCompany,
    User,
)
from policies.authoring.draft import VersionFields, create_policy, draft_version
from policies.authoring.parts import ClauseText
from policies.authoring.publish import publish_version
from policies.authoring.review import submit_version
from policies.matching.run import match_due
from policies.models import Entitlement, MatchedDelivery, Policy, PolicyVersion
from qinqing.kernel.secrets import encrypted, fingerprint
from qinqing.kernel.text import masked
from tests.factories.rows import unguarded

NOW = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)
FOUNDED_ON = dt.date(2015, 6, 1)

_numbers = count(1)
Row = TypeVar("Row", bound=DatasetRow)


def firm(name: str = "杭州试验有限公司", *, district: str = "330106", **columns: object) -> Company:
    """A private small firm in business, in a district since it was founded; any column may be told otherwise."""
    stem = f"91330106MP{next(_numbers):07d}"
    usual = {
        "industry_code": "I6513",
        "founded_on": FOUNDED_ON,
        "standing": "active",
        "ownership": "private",
        "is_government_unit": False,
        "size": "small",
    }
    company = Company.objects.create(credit_code=stem + uscc.calc_check_digit(stem), name=name, **(usual | columns))
    if district:
        place, _ = District.objects.get_or_create(
            code=district, defaults={"name_zh": district, "name_en": district, "valid_from": FOUNDED_ON}
        )
        CompanyDistrict.objects.create(company=company, district=place, valid_from=FOUNDED_ON)
    return company


def person(name: str = "李一", *, spouse: Employee | None = None) -> Employee:
    """A person; a marriage stands on both."""
    number = f"330106199{next(_numbers):09d}"
    one = Employee.objects.create(
        id_number_encrypted=encrypted(number),
        id_number_hash=fingerprint(number),
        id_number_masked=masked(number),
        name=name,
        spouse=spouse,
    )
    if spouse is not None:
        spouse.spouse = one
        spouse.save(update_fields=["spouse"])
    return one


def landed(dataset: str, *, as_of_on: dt.date = TODAY, touching: Iterable[Company] = ()) -> Delivery:
    """A delivery that has landed and touched some companies, not matched yet."""
    delivery = Delivery.objects.create(
        delivery_id=f"test-{next(_numbers)}",
        dataset=dataset,
        as_of_on=as_of_on,
        sha256="0" * 64,
        byte_count=1,
        status=DeliveryStatus.LANDED,
        received_at=NOW,
    )
    TouchedCompany.objects.bulk_create(TouchedCompany(delivery=delivery, company=company) for company in touching)
    return delivery


def all_delivered(*, as_of_on: dt.date = TODAY, but: Iterable[str] = ()) -> None:
    """Every dataset was delivered and matched, so that nothing is stale."""
    for dataset in {"registration", *dataset_models()} - set(but):
        MatchedDelivery.objects.create(delivery=landed(dataset, as_of_on=as_of_on), matched_at=NOW)


def known(model: type[Row], owner: Company | Employee, *, delivery: Delivery | None = None, **columns: object) -> Row:
    """A row that a department delivered about a company or a person."""
    column = "employee" if issubclass(model, PersonRow) else "company"
    newest = Delivery.objects.filter(dataset=model.dataset.name).order_by("-pk").first()
    return model.objects.create(**{column: owner}, delivery=delivery or newest or landed(model.dataset.name), **columns)


def employed(company: Company, employee: Employee, **columns: object) -> Employment:
    """A person insured at a company."""
    usual = {"hired_on": dt.date(2018, 7, 1), "insured_from": dt.date(2018, 7, 1), "insured_months": 40}
    return known(Employment, company, employee=employee, **(usual | columns))


def officer(username: str = "reviewer") -> User:
    """An official who writes or reviews policies; the same one for the same name."""
    return User.objects.get_or_create(username=username, defaults={"is_staff": True})[0]


def draft(*clauses: str, policy: Policy | None = None, amount: str = "100", **fields: object) -> PolicyVersion:
    """A draft of these conditions by the officer "writer"; of a new policy unless told otherwise."""
    usual: VersionFields = {"opens_on": TODAY, "granted_cny": Decimal(1_000_000), "amount_feel": amount}
    return draft_version(
        policy=policy or programme(),
        clauses=[ClauseText(f"条件{place}", f"Condition {place}", text) for place, text in enumerate(clauses, start=1)],
        **({"actor": officer("writer")} | usual | fields),
    )


def submitted(*clauses: str, now: dt.datetime = NOW, **fields: object) -> PolicyVersion:
    """A draft that its writer handed to a second officer."""
    return submit_version(version=draft(*clauses, **fields), actor=officer("writer"), now=now)


def programme(code: str = "") -> Policy:
    """A policy without a version."""
    return create_policy(
        code=code or f"T-{next(_numbers)}",
        title_zh="试验政策",
        title_en="A trial",
        summary_zh="",
        summary_en="",
        department="finance",
    )


def published(*clauses: str, now: dt.datetime = NOW, **fields: object) -> PolicyVersion:
    """A version in force, to be matched yet."""
    return signed(submitted(*clauses, now=now, **fields), now=now)


def signed(version: PolicyVersion, *, now: dt.datetime = NOW, replaces: PolicyVersion | None = None) -> PolicyVersion:
    """A submitted version, published by the officer "reviewer"."""
    return publish_version(version=version, actor=officer(), now=now, replaces=replaces)


def no_longer_checks(version: PolicyVersion) -> None:
    """Leave a version with a condition over a fact that a release has taken away."""
    with unguarded():
        version.clauses.update(feel="company.what_was_renamed = 1")


def no_longer_priced(version: PolicyVersion) -> None:
    """Leave a version with an amount over a fact that a release has taken away."""
    with unguarded():
        PolicyVersion.objects.filter(pk=version.pk).update(amount_feel="company.what_was_renamed * 2")


def matched(*, now: dt.datetime = NOW, limit_companies: int = 1000) -> int:
    """Let matching do all that is due; returns how many entitlements it changed."""
    changed = 0
    while (decided := match_due(now=now, limit_companies=limit_companies)) is not None:
        changed += decided
    return changed


def entitlements(version: PolicyVersion) -> dict[str, tuple[Decimal, str]]:
    """Amount and status of each entitlement of the version's policy, by subject and period."""
    rows = Entitlement.objects.filter(policy_id=version.policy_id)
    return {
        " ".join(filter(None, (row.subject_key, row.period_key))): (row.amount_cny, row.status)
        for row in rows.order_by("pk")
    }
