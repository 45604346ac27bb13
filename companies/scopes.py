"""Whose the rows of people, firms and deliveries are."""

from __future__ import annotations

from collections.abc import Callable

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.auth.models import Group
from django.db.models import Model, Q

from companies.contracts.registry import contracts
from companies.deliveries.registry.targets import deliverables
from companies.deliveries.signatures.keys import DELIVERY_KEY, NEW
from companies.models import (
    AccountStop,
    AdminRecord,
    ApiToken,
    Company,
    CompanyDistrict,
    DatasetContract,
    DataSource,
    Delivery,
    DeliveryKey,
    Department,
    District,
    Employee,
    Employment,
    Membership,
    PayeeAccount,
    QuarantinedRow,
    SignIn,
    SourcePull,
    ThirdParty,
    User,
)
from companies.people.scope import (
    OF_THE_CITY,
    SHARED,
    Belongs,
    Condition,
    column,
    declared,
    everything,
    firm,
    nothing,
)
from qinqing.proposals.kinds import Kind, list_kinds
from qinqing.proposals.models import Proposal


def scopes() -> dict[type[Model], Belongs]:
    """Every model of the app that officials reach, and the models of sign-in."""
    return {
        Company: Belongs(firm("pk")),
        CompanyDistrict: Belongs(firm("company")),
        Membership: Belongs(firm("company")),
        PayeeAccount: Belongs(firm("company")),
        Employee: Belongs(_insured_in),
        User: Belongs(column("district"), column("department")),
        District: SHARED,
        Department: SHARED,
        DatasetContract: Belongs(everything, _declared_by),
        Employment: Belongs(firm("company"), lambda code: Q() if code == "labour" else nothing(code)),
        Group: SHARED,
        ThirdParty: Belongs(nothing),
        Delivery: Belongs(nothing, _delivered_by("dataset")),
        DeliveryKey: Belongs(nothing, column("department")),
        QuarantinedRow: Belongs(nothing, _delivered_by("delivery__dataset")),
        DataSource: Belongs(nothing, _delivered_by("dataset")),
        SourcePull: Belongs(nothing, _delivered_by("source__dataset")),
        AccountStop: OF_THE_CITY,
        ApiToken: OF_THE_CITY,
        SignIn: OF_THE_CITY,
        AdminRecord: OF_THE_CITY,
        Proposal: Belongs(_about(lambda belongs: belongs.to_district), _of_department),
        **dict.fromkeys((AccessAttempt, AccessFailureLog, AccessLog), OF_THE_CITY),
    }


def _insured_in(district: str) -> Q:
    employments = Employment.objects.filter(firm("company")(district))
    return Q(pk__in=employments.values("employee_id"))


def _declared_by(department: str) -> Q:
    """The condition that the dataset is the department's, or that nobody delivers it any more."""
    others = [name for name, each in contracts().items() if each.department != department]
    return ~Q(name__in=others)


def _delivered_by(path: str) -> Condition:
    """The condition that a dataset is the department's."""

    def condition(department: str) -> Q:
        names = [name for name, each in deliverables().items() if each.department == department]
        return Q(**{f"{path}__in": names})

    return condition


def _about(side: Callable[[Belongs], Condition]) -> Condition:
    """The condition that a proposal's subject is within the scope; a subject without a page is the city's."""

    def condition(code: str) -> Q:
        within = Q(pk__in=())
        for kind in list_kinds():
            if subject := _subject_of(kind):
                rows = subject._default_manager.filter(side(declared(subject))(code)).values("pk")
                within |= Q(kind=kind.name, subject_id__in=rows)
        return within

    return condition


def _of_department(department: str) -> Q:
    """The condition that a proposal is about a department's row, or about a key that the department is to get."""
    new_key = Q(kind=DELIVERY_KEY.name, subject_id=NEW, after__department=department)
    return _about(lambda belongs: belongs.to_department)(department) | new_key


def _subject_of(kind: Kind) -> type[Model] | None:
    """The model of a kind's subjects, by the name of their page, such as admin:payouts_fund_change."""
    app_label, _underscore, rest = kind.url_name.partition(":")[2].partition("_")
    return apps.get_model(app_label, rest.rpartition("_")[0]) if rest else None
