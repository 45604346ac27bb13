"""Versions in force and entitlements ready to be claimed, one by one or by the ten thousand."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from itertools import count

from django.db import connection

from companies.datasets.sealing import ACCOUNT_NUMBER, account_identity
from companies.models import Company, Employee
from policies.authoring.transition import move_version
from policies.models import Entitlement, Policy, PolicyVersion, VersionStatus
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.people import make_user

_serials = count(1)


def make_version(*, granted_cny: Decimal | int = 1_000_000, **fields: object) -> PolicyVersion:
    """A version in force whose window is open on `TODAY`; it has no rules, because payouts read none."""
    policy = Policy.objects.create(
        code=f"Y-{next(_serials)}", title_zh="试验政策", title_en="A trial", department="finance"
    )
    draft = PolicyVersion.objects.create(
        policy=policy,
        number=1,
        granted_cny=granted_cny,
        **{"amount_feel": "100", "opens_on": date(2026, 1, 1), "closes_on": date(2026, 12, 31), **fields},
    )
    return put_in_force(draft)


def put_in_force(draft: PolicyVersion) -> PolicyVersion:
    """Put a draft in force as the operations do, but without rules."""
    for status, actor, stamps in (
        (VersionStatus.SUBMITTED, make_user("writer"), {"submitted_at": NOW, "content_hash": "0" * 64}),
        (VersionStatus.PUBLISHED, make_user("reviewer"), {"published_at": NOW}),
    ):
        by = {"submitted_by": actor} if status == VersionStatus.SUBMITTED else {"published_by": actor}
        move_version(version=draft, after=status, actor=actor, because="", now=NOW, **stamps, **by)
    return draft


def make_entitlement(
    *,
    of: PolicyVersion | None = None,
    company: Company | None = None,
    employee: Employee | None = None,
    amount_cny: Decimal | int = 100,
    subject_key: str = "",
    period_key: str = "",
) -> Entitlement:
    """An open entitlement; without `company`, of a new company."""
    of, company = of or make_version(), company or make_company()
    return Entitlement.objects.create(
        policy=of.policy,
        version=of,
        company=company,
        employee=employee,
        persons=[employee.pk, employee.spouse_id] if employee and of.subject == "couple" else None,
        subject_key=subject_key or f"trial:{next(_serials)}",
        period_key=period_key,
        amount_cny=amount_cny,
        evidence={},
        version_hash=of.content_hash,
        as_of_on=TODAY,
        district="330102",
        decided_at=NOW,
    )


def make_entitlements(how_many: int, *, of: PolicyVersion, amount_cny: Decimal | int = 100) -> list[int]:
    """Open entitlements of as many new companies with accounts, inserted by two statements; returns their ids."""
    first = next(_serials) * 10_000_000
    codes = [f"{n:018d}" for n in range(first, first + how_many)]
    # Each firm has an account of its own, and all have the same number.
    hashes = [hashlib.sha256(code.encode()).digest() for code in codes]
    numbers = [
        ACCOUNT_NUMBER.seal("6222021234567890", account_identity(code, number_hash))
        for code, number_hash in zip(codes, hashes, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH codes AS (
                SELECT * FROM unnest(%(codes)s::text[], %(hashes)s::bytea[], %(numbers)s::bytea[])
                    AS each (code, hash, number)
            ), firms AS (
                INSERT INTO companies_company (credit_code, name, industry_code, industry_edition)
                SELECT code, '批量公司' || code, 'H62', '2017' FROM codes RETURNING id, credit_code, name
            )
            INSERT INTO companies_payeeaccount (
                company_id, holder_name, bank_name, bank_number, number_encrypted, number_hash, number_masked,
                is_active, usable_from
            )
            SELECT id, name, '杭州银行', '313331000014', number, hash, '622***********90', true,
                '2015-06-01'
            FROM firms JOIN codes ON code = credit_code RETURNING company_id
            """,
            {"codes": codes, "hashes": hashes, "numbers": numbers},
        )
        companies = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            """
            INSERT INTO policies_entitlement (
                policy_id, version_id, company_id, subject_key, period_key, amount_cny, evidence, version_hash,
                as_of_on, district, status, decided_at
            )
            SELECT %(policy)s, %(version)s, c, 'bulk:' || c, '', %(amount)s, '{}', %(hash)s, %(today)s, '330102',
                'open', %(now)s
            FROM unnest(%(companies)s::bigint[]) c RETURNING id
            """,
            {
                "policy": of.policy_id,
                "version": of.pk,
                "amount": amount_cny,
                "hash": of.content_hash,
                "today": TODAY,
                "now": NOW,
                "companies": companies,
            },
        )
        return [row[0] for row in cursor.fetchall()]
