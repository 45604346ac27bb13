"""Companies with numbers that pass their checks, their accounts and their owners."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

import factory
from django.db.models.expressions import RawSQL
from django.test import override_settings
from stdnum.cn import uscc

from companies.datasets.sealing import ACCOUNT_NUMBER, account_identity, person_identity
from companies.firms.account_proposals import propose_account
from companies.firms.payee_accounts import replace_account
from companies.models import Company, CompanyDistrict, District, Employee, Membership, PayeeAccount, User
from companies.models.account import Doubt
from qinqing.kernel.secrets import fingerprint
from qinqing.kernel.text import mask
from qinqing.proposals.decide import confirm
from tests.factories.clock import NOW
from tests.factories.people import make_user

FOUNDED_ON = dt.date(2015, 6, 1)
USABLE_FROM = dt.datetime(2015, 6, 1, tzinfo=dt.UTC)
# Serial numbers count from one.
_serials = count(1_000_001)


def credit_code(serial: int) -> str:
    """A synthetic credit code whose check digit fits."""
    stem = f"91330106CT{serial:07d}"
    return stem + uscc.calc_check_digit(stem)


class CompanyFactory(factory.django.DjangoModelFactory[Company]):
    """A private small company in business."""

    class Meta:
        model = Company

    credit_code = factory.LazyFunction(lambda: credit_code(next(_serials)))
    name = "杭州试验有限公司"
    industry_code = "I6513"
    founded_on = FOUNDED_ON
    standing = "active"
    ownership = "private"
    is_government_unit = False
    size = "small"


def owner_identity(account: Any) -> str:
    """To whom the number of an account is bound."""
    if account.company:
        return account.company.credit_code
    return person_identity(account.employee.id_number_hash)


class PayeeAccountFactory(factory.django.DjangoModelFactory[PayeeAccount]):
    """An account in use; `number` is its number."""

    class Meta:
        model = PayeeAccount

    class Params:
        number = factory.Sequence(lambda serial: f"62220210{serial:08d}")

    bank_name = "杭州银行"
    bank_number = "313331000014"
    number_encrypted = factory.LazyAttribute(
        lambda account: ACCOUNT_NUMBER.seal(
            account.number, account_identity(owner_identity(account), fingerprint(account.number))
        )
    )
    number_hash = factory.LazyAttribute(lambda account: fingerprint(account.number))
    number_masked = factory.LazyAttribute(lambda account: mask(account.number))
    usable_from = factory.LazyAttribute(lambda account: USABLE_FROM if account.is_active else None)
    is_active = True


def read_account_number(account: PayeeAccount) -> str:
    """The number in clear; the database says to what it is bound, as where payments are sent."""
    identity = RawSQL("companies_account_identity(companies_payeeaccount)", ())
    [text] = PayeeAccount.objects.filter(pk=account.pk).annotate(to=identity).values_list("to", flat=True)
    return ACCOUNT_NUMBER.open(account.number_encrypted, text)


def make_company(
    name: str = "杭州试验有限公司",
    *,
    district: str = "330106",
    has_account: bool = True,
    account_number: str = "",
    **columns: object,
) -> Company:
    """A company with an account, in a district since its foundation; any column can be given."""
    company = CompanyFactory(name=name, **columns)
    if district:
        place, _ = District.objects.get_or_create(
            code=district, defaults={"name_zh": district, "name_en": district, "valid_from": FOUNDED_ON}
        )
        CompanyDistrict.objects.create(company=company, district=place, valid_from=FOUNDED_ON)
    if has_account:
        make_account(company=company, number=account_number)
    return company


def make_account(
    *, company: Company | None = None, employee: Employee | None = None, number: str = "", **fields: object
) -> PayeeAccount:
    """An account in use, of a company or an employee; without either, of a new company."""
    if company is None and employee is None:
        company = make_company(has_account=False)
    owner = company or employee
    assert owner is not None
    given = {"holder_name": owner.name} | ({"number": number} if number else {}) | fields
    is_another = owner.accounts.filter(usable_from__isnull=False).exists() and given.get("is_active", True)
    if is_another:
        given |= {"is_active": False, "doubt": Doubt.CHANGED}
    account = PayeeAccountFactory(company=company, employee=employee, **given)
    if is_another:
        _confirm(account, NOW)
    return account


def _confirm(account: PayeeAccount, now: dt.datetime) -> None:
    with override_settings(ACCOUNT_COOL_OFF_HOURS=0):
        confirm_by_officials(account, now=now)


def confirm_by_officials(account: PayeeAccount, *, now: dt.datetime) -> PayeeAccount:
    """The account, proposed by one official and confirmed by another."""
    proposal = propose_account(account_id=account.pk, because="核对无误", actor=make_user("proposer"), now=now)
    confirm(proposal_id=proposal.pk, actor=make_user("official"), now=now)
    account.refresh_from_db()
    return account


def use_other_account(*, company: Company, actor: User, now: dt.datetime, **told: str) -> PayeeAccount:
    """An account that the company named, that officials confirmed, and whose cool-off is over."""
    account = replace_account(company=company, actor=act_for(company, actor), now=now, **told)
    if account.usable_from is None:
        _confirm(account, now)
    return account


def make_owner(company: Company, username: str = "", **fields: object) -> User:
    """A user who acts for a company."""
    owner = make_user(username, **fields)
    Membership.objects.create(user=owner, company=company)
    return owner


def act_for(company: Company, user: User, **fields: object) -> User:
    """The user, who acts for the company from now on, as an acceptor unless told otherwise."""
    Membership.objects.get_or_create(user=user, company=company, defaults=fields)
    return user
