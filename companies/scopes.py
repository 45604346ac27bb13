"""Whose the rows of people, firms and deliveries are."""

from __future__ import annotations

from collections.abc import Callable

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.auth.models import Group
from django.db.models import Model, Q

from companies.datasets.base import DatasetRow, PersonRow
from companies.datasets.facts import dataset_models
from companies.datasets.tables.labour import Employment
from companies.deliveries.registry.targets import deliverables
from companies.models import (
    AccountStop,
    AdminRecord,
    ApiToken,
    Company,
    CompanyDistrict,
    Delivery,
    District,
    Employee,
    Membership,
    PayeeAccount,
    QuarantinedRow,
    SignIn,
    ThirdParty,
    User,
)
from companies.people.scope import OF_THE_CITY, SHARED, Belongs, Condition, column, declared, firm, nothing
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
        Group: SHARED,
        ThirdParty: Belongs(nothing),
        Delivery: Belongs(nothing, _delivered_by("dataset")),
        QuarantinedRow: Belongs(nothing, _delivered_by("delivery__dataset")),
        AccountStop: OF_THE_CITY,
        ApiToken: OF_THE_CITY,
        SignIn: OF_THE_CITY,
        AdminRecord: OF_THE_CITY,
        Proposal: Belongs(_about(lambda belongs: belongs.to_district), _about(lambda belongs: belongs.to_department)),
        **dict.fromkeys((AccessAttempt, AccessFailureLog, AccessLog), OF_THE_CITY),
        **{model: _of_dataset(model) for model in dataset_models().values()},
    }


def _of_dataset(model: type[DatasetRow]) -> Belongs:
    """The rows of a dataset are about firms and persons of a district, and are all its department's."""
    about = _of_person if issubclass(model, PersonRow) else firm("company")
    return Belongs(about, lambda code: Q() if code == model.dataset.department else nothing(code))


def _insured_in(district: str) -> Q:
    employments = Employment.objects.filter(firm("company")(district))
    return Q(pk__in=employments.values("employee_id"))


def _of_person(district: str) -> Q:
    employments = Employment.objects.filter(firm("company")(district))
    return Q(employee__in=employments.values("employee_id"))


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


def _subject_of(kind: Kind) -> type[Model] | None:
    """The model of a kind's subjects, by the name of their page, such as admin:payouts_fund_change."""
    app_label, _underscore, rest = kind.url_name.partition(":")[2].partition("_")
    return apps.get_model(app_label, rest.rpartition("_")[0]) if rest else None
