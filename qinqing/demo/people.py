"""The people of the demo: one login for each role, and the bookkeepers of a campaign."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from companies.models import Company, FirmRole, Membership, User
from qinqing.demo.officials import Login, make_officials
from qinqing.env import IS_PRODUCTION

DEMO_PASSWORD = "qinqing-demo"  # noqa: S105 - printed for everybody to read; never made in production


class NotInProduction(Exception):
    """Accounts with a published password do not belong there."""


LOGINS = (
    Login("owner", "陈晓棠", "owns a restaurant and claims for it", firms=(0,)),
    Login("accountant", "周敏", "keeps the books of several firms", firms=(1, 2, 3, 4, 5, 6, 7, 8)),
    Login("preparer", "何雯", "prepares the restaurant's claims", firms=(0,), firm_role=FirmRole.PREPARER),
    Login("officer", "林建国", "writes policies", role="officer"),
    Login("officer2", "沈怡", "reviews and publishes policies", role="officer"),
    Login("finance", "吴佳琪", "seals batches and mends payouts", role="finance_maker"),
    Login("checker", "徐文斌", "checks what the finance clerk did", role="finance_checker"),
    Login("cashier", "孙丽华", "releases batches to the bank", role="finance_releaser"),
    Login("clerk", "郑红", "looks after replies, grants and recoveries", role="finance"),
    Login("tax", "何静", "delivers the tax office's data", role="department", department="tax"),
    Login("auditor", "马知行", "sees everything, changes nothing", role="auditor"),
    Login("system", "赵立", "sees that the platform works", role="system_administrator"),
    Login("security", "钱程", "looks after accounts and roles", role="security_administrator"),
    Login("security2", "冯洁", "confirms changes of accounts and roles", role="security_administrator"),
    Login("admin", "管理员", "may do everything, which nobody may in production", is_superuser=True),
)


def make_logins(*, cast: Sequence[str]) -> dict[str, User]:
    """
    Make the demo's logins, or bring them back to what they were; returns them by username.

    `cast` are the credit codes of the city's cast.

    Raises:
        NotInProduction: this is no place for them.
    """
    if IS_PRODUCTION:
        raise NotInProduction("Demo logins have a published password and are not made in production.")
    make_officials([login for login in LOGINS if login.is_official], now=timezone.now())
    password = make_password(DEMO_PASSWORD)
    with transaction.atomic():
        return {login.username: _make(login, password, cast) for login in LOGINS}


def make_bookkeepers(*, count: int, password: str, companies: Sequence[Sequence[int]]) -> list[User]:
    """Make accounts that each act for some companies, given by their ids."""
    hashed = make_password(password)
    with transaction.atomic():
        users = [_account(f"bookkeeper-{number:02d}", password=hashed) for number in range(1, count + 1)]
        for user, owned in zip(users, companies, strict=True):
            _give(user, owned)
    return users


def own_companies(usernames: Iterable[str]) -> set[int]:
    """The ids of the companies that these people act for."""
    return set(Membership.objects.filter(user__username__in=usernames).values_list("company_id", flat=True))


def _make(login: Login, password: str, cast: Sequence[str]) -> User:
    if login.is_official:
        # Whoever signs in to the demo reads the password instead of a mail.
        User.objects.filter(username=login.username).update(password=password)
        return User.objects.get(username=login.username)
    user = _account(login.username, password=password, first_name=login.name)
    codes = [cast[place] for place in login.firms if place < len(cast)]
    _give(user, Company.objects.filter(credit_code__in=codes).values_list("pk", flat=True), login.firm_role)
    return user


def _account(username: str, **fields: object) -> User:
    user, _ = User.objects.update_or_create(username=username, defaults={"is_active": True} | fields)
    return user


def _give(user: User, companies: Iterable[int], role: FirmRole = FirmRole.ACCEPTOR) -> None:
    Membership.objects.filter(user=user).delete()
    Membership.objects.bulk_create(Membership(user=user, company_id=company, role=role) for company in companies)
