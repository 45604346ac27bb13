"""Queries about companies: who may see one, what is known about it, and how fresh the data is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import structlog
from django.db import connection
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Identifier, Literal
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_10

from companies.classifications.names import normalise_name
from companies.contracts.contract import Contract, Role, Subject
from companies.contracts.own import REGISTRATION
from companies.contracts.registry import contracts
from companies.models import Company, Delivery, DeliveryStatus, FirmRole, PayeeAccount, User
from companies.models.delivery import HAS_NEWS
from qinqing.kernel.database.prepared_lookup import find_joined_row
from qinqing.kernel.refusals import NotFound

log = structlog.get_logger(__name__)


class NoSuchCompany(NotFound):
    """The company does not exist, or the user does not act for it."""


def company_of(*, user: User, credit_code: str) -> Company:
    """
    The company with that credit code, if the user acts for it; the user's object then knows the role.

    Raises:
        NoSuchCompany: the user does not, or there is none; which of the two is only told to the log.
    """
    found = find_joined_row(
        Company,
        "JOIN companies_membership m ON m.company_id = own.id AND m.user_id = %(user)s"
        " WHERE own.credit_code = %(code)s",
        "m.role",
        code=credit_code,
        user=user.pk,
    )
    if found is None:
        is_known = Company.objects.filter(credit_code=credit_code).exists()
        log.warning("company.not_yours", user=user.pk, credit_code=credit_code[:18], is_known=is_known)
        raise NoSuchCompany(_("You act for no company with this credit code."))
    company, role = found
    user.role_by_company[company.pk] = FirmRole(role)
    return company


def companies_of(*, user: User) -> QuerySet[Company]:
    """The companies that the user acts for, by credit code."""
    return Company.objects.filter(memberships__user=user).order_by("credit_code")


def active_account(*, company: Company) -> PayeeAccount | None:
    """The company's account in use, if there is one, with the user who entered it."""
    return company.accounts.filter(is_active=True).select_related("entered_by").first()


def changed_accounts(*, company: Company, now: dt.datetime) -> list[PayeeAccount]:
    """The company's accounts that wait to be confirmed, and those in their cool-off; its members may stop them."""
    open_ones = company.accounts.filter(Q(usable_from=None) | Q(usable_from__gt=now), stopped_at=None)
    return list(open_ones.select_related("entered_by", "confirmed_by").order_by("pk"))


def account_warnings(*, company: Company, holder_name: str, bank_number: str) -> tuple[str, ...]:
    """
    What looks mistyped in a company's account; none is a reason to refuse it.

    The bank number's check digit fits every number seen, but no rule is published. A one-person business may use the
    account of the person.
    """
    warnings = []
    if normalise_name(holder_name) != normalise_name(company.name):
        warnings.append(_("The holder is not called as the firm is registered; an official looks at it first."))
    if not _fits_check_digit(bank_number):
        warnings.append(_("The bank number's last digit looks mistyped; compare it with what your bank says."))
    return tuple(warnings)


def _fits_check_digit(bank_number: str) -> bool:
    try:
        return bool(mod_11_10.validate(bank_number))
    except ValidationError:
        return False


class KnownRows(NamedTuple):
    """The number of rows that a dataset has about a company."""

    contract: Contract
    rows: int


def known_rows(*, company: Company) -> list[KnownRows]:
    """The datasets that have rows about the company, and how many; one query."""
    about_firms = {name: each for name, each in contracts().items() if each.subject is not Subject.PERSON}
    counts = [
        SQL("SELECT {}, count(*) FROM {} WHERE company_id = {}").format(
            Literal(name), Identifier(each.table), Literal(company.pk)
        )
        for name, each in about_firms.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(SQL(" UNION ALL ").join(counts))
        return [KnownRows(about_firms[name], rows) for name, rows in cursor.fetchall() if rows]


def freshness() -> dict[str, dt.date]:
    """The as-of date of the newest delivery by dataset, of those that landed a row or had no wrong one."""
    landed = Delivery.objects.filter(HAS_NEWS, status=DeliveryStatus.LANDED)
    return dict(landed.values_list("dataset").annotate(newest=Max("as_of_on")))


def stale_datasets(*, as_of_on: dt.date, delivered: Mapping[str, dt.date] | None = None) -> frozenset[str]:
    """
    The datasets whose newest delivery is older than they allow on that day, or that were never delivered.

    `delivered` is the `freshness()` of a caller who asks about several days at once.
    """
    delivered = freshness() if delivered is None else delivered
    limits = {name: each.freshness_days for name, each in contracts().items()}
    return frozenset(
        name
        for name, days in limits.items()
        if days is not None and (name not in delivered or (as_of_on - delivered[name]).days > days)
    )


def datasets_changed_by(*, dataset: str) -> frozenset[str]:
    """
    The datasets whose facts a delivery of `dataset` may change: itself, and what is derived from it.

    An annual report decides the size class, which is a fact of the registration; a marriage decides whose facts
    are those of the spouse.
    """
    if dataset == "annual_report":
        return frozenset({dataset, REGISTRATION.name})
    declared = contracts()
    if dataset in declared and declared[dataset].of_role(Role.SPOUSE):
        return frozenset(name for name, each in declared.items() if each.subject is Subject.PERSON)
    return frozenset({dataset})
