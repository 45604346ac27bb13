"""Entitlements ready to be claimed, one by one or by the ten thousand, and payouts along their way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from django.db import connection
from stdnum.cn import uscc

from companies.models import Company, Employee, PayeeAccount, User
from payouts.batch_states import Channel
from payouts.batches.assemble import choose_bank, open_batch, seal_batch
from payouts.batches.release import approve_batch, release_batch
from payouts.claims.claim import claim_entitlements
from payouts.ledger.funds import open_funds
from payouts.ledger.grants import approve_grant, enter_grant
from payouts.models import Bank, Batch, Claim, Fund, Payout
from payouts.states import Role, Status
from policies.authoring.transition import move
from policies.models import Entitlement, Policy, PolicyVersion, VersionStatus
from qinqing.kernel.secrets import encrypted, fingerprint
from qinqing.kernel.text import masked

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
TODAY = date(2026, 3, 2)

_numbers = count(1)


def company(name: str = "杭州试验有限公司", *, has_account: bool = True, number: str = "") -> Company:
    """A company with a valid credit code and, unless told otherwise, an account."""
    stem = f"91330102QQ{next(_numbers):07d}"
    opened = Company.objects.create(
        credit_code=stem + uscc.calc_check_digit(stem), name=name, industry_code="H62", standing="active"
    )
    if has_account:
        account(company=opened, number=number)
    return opened


def employee(name: str = "李一") -> Employee:
    """A person, without an account."""
    number = f"330102199{next(_numbers):09d}"
    return Employee.objects.create(
        id_number_encrypted=encrypted(number),
        id_number_hash=fingerprint(number),
        id_number_masked=masked(number),
        name=name,
    )


def account(*, company: Company | None = None, employee: Employee | None = None, number: str = "") -> PayeeAccount:
    """The account in use of a company or of an employee, of a number of its own unless one is given."""
    number = number or f"62220210{next(_numbers):08d}"
    owner = company or employee
    assert owner is not None
    return PayeeAccount.objects.create(
        company=company,
        employee=employee,
        holder_name=owner.name,
        bank_name="杭州银行",
        bank_number="313331000014",
        number_encrypted=encrypted(number),
        number_hash=fingerprint(number),
        number_masked=masked(number),
    )


def version(*, granted_cny: Decimal | int = 1_000_000, **fields: object) -> PolicyVersion:
    """A published version whose window is open on `TODAY`."""
    # Not those of `tests.factories.policies`, which counts for itself.
    code = f"Y-{next(_numbers)}"
    policy = Policy.objects.create(code=code, title_zh="试验政策", title_en="A trial", department="finance")
    draft = PolicyVersion.objects.create(
        policy=policy,
        number=1,
        granted_cny=granted_cny,
        **{"amount_feel": "100", "opens_on": date(2026, 1, 1), "closes_on": date(2026, 12, 31), **fields},
    )
    return published(draft)


def published(draft: PolicyVersion) -> PolicyVersion:
    """The draft in force: as the operations move it, but without the rules, which no payout looks at."""
    for status, actor, stamps in (
        (VersionStatus.SUBMITTED, person("writer"), {"submitted_at": NOW, "content_hash": "0" * 64}),
        (VersionStatus.PUBLISHED, person("reviewer"), {"published_at": NOW}),
    ):
        by = {"submitted_by": actor} if status == VersionStatus.SUBMITTED else {"published_by": actor}
        move(version=draft, after=status, actor=actor, because="", now=NOW, **stamps, **by)
    return draft


def entitlement(
    *,
    of: PolicyVersion | None = None,
    company: Company | None = None,
    employee: Employee | None = None,
    amount_cny: Decimal | int = 100,
    subject_key: str = "",
    period_key: str = "",
) -> Entitlement:
    """An open entitlement, of a company of its own unless one is given."""
    of, company = of or version(), company or globals()["company"]()
    return Entitlement.objects.create(
        policy=of.policy,
        version=of,
        company=company,
        employee=employee,
        persons=[employee.pk, employee.spouse_id] if employee and of.subject == "couple" else None,
        subject_key=subject_key or f"trial:{next(_numbers)}",
        period_key=period_key,
        amount_cny=amount_cny,
        evidence={},
        version_hash=of.content_hash,
        as_of_on=TODAY,
        district="330102",
        decided_at=NOW,
    )


def entitlements(how_many: int, *, of: PolicyVersion, amount_cny: Decimal | int = 100) -> list[int]:
    """Open entitlements of as many new companies with accounts, made by two statements; their ids."""
    first = next(_numbers) * 10_000_000
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH firms AS (
                INSERT INTO companies_company (credit_code, name, industry_code, industry_edition)
                SELECT lpad(n::text, 18, '9'), '批量公司' || n, 'H62', '2017'
                FROM generate_series(%(first)s, %(first)s + %(count)s - 1) n
                RETURNING id
            )
            INSERT INTO companies_payeeaccount (
                company_id, holder_name, bank_name, bank_number, number_encrypted, number_hash, number_masked, is_active
            )
            SELECT id, '批量公司' || id, '杭州银行', '313331000014', %(number)s, sha256(id::text::bytea),
                '622***********90', true
            FROM firms RETURNING company_id
            """,
            {"first": first, "count": how_many, "number": encrypted("6222021234567890")},
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


def person(username: str = "owner") -> User:
    """Somebody who acts; the same one for the same name."""
    return User.objects.get_or_create(username=username)[0]


def payout(*, of: PolicyVersion | None = None, amount_cny: Decimal | int = 100) -> Payout:
    """An approved payout, claimed through the operation."""
    right = entitlement(of=of, amount_cny=amount_cny)
    claimed = claim_entitlements(
        entitlement_ids=[right.pk], company=right.company, commitment="", actor=person(), now=NOW
    )
    return Payout.objects.get(pk=claimed.payout_ids[0])


def requested(right: Entitlement, *, fund_id: int, claim: Claim, **fields: object) -> Payout:
    """A payout as the claim inserts it, before its money is reserved; for proofs that go around the operations."""
    payee = PayeeAccount.objects.get(company=right.company, is_active=True)
    values = {
        "entitlement": right,
        "claim": claim,
        "policy_id": right.policy_id,
        "fund_id": fund_id,
        "company_id": right.company_id,
        "account": payee,
        "district": right.district,
        "amount_cny": right.amount_cny,
        "moved_at": NOW,
        "moved_as": Role.SYSTEM,
        "claimed_at": NOW,
    }
    return Payout.objects.create(**(values | fields))


def granted(amount_cny: Decimal | int | str, *, to: PolicyVersion, now: datetime = NOW) -> Fund:
    """The fund of a version with more money, entered by one person and approved by another."""
    amount = Decimal(amount_cny)
    entered = enter_grant(version=to, amount_cny=amount, because="预算追加", actor=person("maker"), now=now)
    return approve_grant(grant_id=entered.pk, actor=person("approver"), now=now)


def statuses(payouts: Sequence[int]) -> dict[str, int]:
    """How many of the payouts stand where."""
    found = Payout.objects.filter(pk__in=payouts).values_list("status", flat=True)
    standing = [Status(status) for status in found]
    return {status.value: standing.count(status) for status in set(standing)}


def bank(**fields: object) -> Bank:
    """A bank that takes files."""
    values = {
        "name": f"试验银行{next(_numbers)}",
        "channel": Channel.FILE,
        "payer_name": "杭州市财政局",
        "payer_account": "33010000000000000001",
        "payer_bank_number": "011331000015",
    }
    return Bank.objects.create(**(values | fields))


def by_files(how_many: int, *, of: Bank | None = None, amount_cny: Decimal | int = 100) -> Fund:
    """A fund that a bank of files pays, with as many approved payouts."""
    paid_for = version(granted_cny=100_000_000)
    open_funds(version_ids=[paid_for.pk], now=NOW)
    fund = choose_bank(fund=Fund.objects.get(version=paid_for), bank=of or bank())
    rights = entitlements(how_many, of=paid_for, amount_cny=amount_cny)
    claim_entitlements(entitlement_ids=rights, company=None, commitment="", actor=None, now=NOW)
    return fund


def opened(how_many: int = 2, *, of: Bank | None = None) -> Batch:
    """An open batch of a fund of its own."""
    return open_batch(fund=by_files(how_many, of=of), actor=person("maker"), now=NOW)


def sealed(how_many: int = 2, *, of: Bank | None = None) -> Batch:
    """A batch that waits for its check."""
    batch = opened(how_many, of=of)
    declared = {"declared_count": how_many, "declared_sum_cny": Decimal(how_many * 100)}
    return seal_batch(batch=batch, **declared, actor=person("maker"), now=NOW)


def released(how_many: int = 2, *, of: Bank | None = None) -> Batch:
    """A batch that is with its bank."""
    batch = approve_batch(batch=sealed(how_many, of=of), actor=person("checker"), now=NOW)
    return release_batch(batch=batch, actor=person("releaser"), now=NOW)
