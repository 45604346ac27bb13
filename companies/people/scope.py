"""
The part of the city's work that an official sees and touches: all of it, a district's, or a department's.

This module alone narrows rows. Each app declares, for every model that officials reach, by which columns a row belongs
to a district and to a department; the pages of the admin, the work list, the exports and the operations ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import CompanyDistrict, User
from qinqing.kernel.refusals import NotFound

P = ParamSpec("P")
R = TypeVar("R")
Row = TypeVar("Row", bound=Model)
Condition = Callable[[str], Q]


class OutOfScope(NotFound):
    """The row is another district's, another department's or the city's; the sentence is that of a missing row."""


class Undeclared(Exception):
    """A model that officials reach says nowhere whose its rows are."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an official is confined to; without a district and a department it is the whole city."""

    district: str = ""
    department: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the official sees the whole city."""
        return not self.district and not self.department


def everything(_code: str) -> Q:
    """The condition that every row meets."""
    return Q()


def nothing(_code: str) -> Q:
    """The condition that no row meets."""
    return Q(pk__in=())


@dataclass(frozen=True, slots=True)
class Belongs:
    """Whose the rows of a model are: conditions on a row for the code of a district and for that of a department."""

    to_district: Condition
    to_department: Condition = everything

    def condition(self, scope: Scope) -> Q:
        """The rows within a scope; a scope with both a district and a department takes both conditions."""
        of_district = self.to_district(scope.district) if scope.district else Q()
        return of_district & (self.to_department(scope.department) if scope.department else Q())

    def is_closed(self, scope: Scope) -> bool:
        """Whether no row is within the scope, whatever rows there are."""
        of_others = bool(scope.district) and self.to_district is nothing
        return of_others or (bool(scope.department) and self.to_department is nothing)


# Rows that everybody may see whose role permits it, and rows that belong to the city alone.
SHARED = Belongs(everything)
OF_THE_CITY = Belongs(nothing)


def column(path: str) -> Condition:
    """The condition that a column holds the code."""
    return lambda code: Q(**{path: code})


def firm(path: str) -> Condition:
    """The condition that a firm is in a district today; a firm of unknown district belongs to the city alone."""
    return lambda code: Q(**{f"{path}__in": _firms_in(code)})


def of_policy(path: str) -> Belongs:
    """Rows that belong to a policy: to its district, and to the department in charge of it."""
    before = f"{path}__" if path else ""
    return Belongs(column(f"{before}district"), column(f"{before}department"))


def _firms_in(district: str) -> QuerySet[CompanyDistrict, Any]:
    # The scope is that of the moment in which somebody looks, whatever day the page is about.
    known = CompanyDistrict.objects.filter(valid_from__lte=timezone.localdate())
    later = known.filter(company=OuterRef("company"), valid_from__gt=OuterRef("valid_from"))
    return known.filter(~Exists(later), district=district).values("company_id")


_DECLARED: dict[type[Model], Belongs] = {}


def declare(belongs: Mapping[type[Model], Belongs]) -> None:
    """Say whose the rows of models are; each app does so once, when it is ready."""
    _DECLARED.update(belongs)


def declared(model: type[Model]) -> Belongs:
    """
    Whose the rows of a model are.

    Raises:
        Undeclared: nobody has said it.
    """
    found = _DECLARED.get(model) or _DECLARED.get(model._meta.concrete_model or model)
    if found is None:
        raise Undeclared(model._meta.label)
    return found


def is_declared(model: type[Model]) -> bool:
    """Whether somebody has said whose the model's rows are."""
    return model in _DECLARED or model._meta.concrete_model in _DECLARED


def scope_of(user: Any) -> Scope:
    """The scope of an official; people of firms are kept apart by their memberships, and superusers by nothing."""
    if not isinstance(user, User) or not user.is_staff or user.is_superuser:
        return Scope()
    return Scope(user.district, user.department)


def narrow(rows: QuerySet[Row], *, user: Any) -> QuerySet[Row]:
    """The rows of these that are within the person's scope."""
    scope = scope_of(user)
    return rows if scope.is_whole else rows.filter(declared(rows.model).condition(scope))


def is_closed(model: type[Model], *, user: Any) -> bool:
    """Whether the model's rows are out of the person's scope, whichever they are."""
    scope = scope_of(user)
    return not scope.is_whole and declared(model).is_closed(scope)


def is_within(model: type[Model], ids: Iterable[Any], *, user: Any) -> bool:
    """Whether all these rows are within the person's scope; a row that does not exist is within every scope."""
    if scope_of(user).is_whole:
        return True
    asked = model._default_manager.filter(pk__in=set(ids))
    return not asked.exclude(pk__in=narrow(asked, user=user).values("pk")).exists()


def is_district_within(district: str, user: Any) -> bool:
    """Whether the person belongs to this district, or to the city."""
    return scope_of(user).district in {"", district}


def refuse_out_of_scope(model: type[Model], ids: Iterable[Any], *, actor: Any) -> None:
    """
    Refuse an actor to whose scope one of these rows does not belong.

    Raises:
        OutOfScope: the row is somebody else's.
    """
    if not is_within(model, ids, user=actor):
        raise OutOfScope(_("There is no such row here."))


def within_scope(**arguments: type[Model]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """
    Have an operation refuse an actor to whose scope its rows do not belong.

    `arguments` names the arguments that hold rows or their ids, one or many, and the model of each. An operation of the
    platform itself has no actor, and no scope.

    Raises:
        OutOfScope: by the operation, before it does anything.
    """

    def guard(operation: Callable[P, R]) -> Callable[P, R]:
        @wraps(operation)
        def guarded(*args: P.args, **given: P.kwargs) -> R:
            for name, model in arguments.items():
                refuse_out_of_scope(model, _ids(given.get(name)), actor=given.get("actor"))
            return operation(*args, **given)

        guarded.scoped = arguments  # type: ignore[attr-defined]
        return guarded

    return guard


def refuse_other_district(*, district: str, actor: Any) -> None:
    """
    Refuse an actor of another district than the one that something is for; people of the city act for each.

    Raises:
        OutOfScope: the actor belongs to another district.
    """
    if not is_district_within(district, actor):
        raise OutOfScope(_("There is no such row here."))


def of_whole_city(operation: Callable[P, R]) -> Callable[P, R]:
    """
    Have an operation that is about the whole city refuse an actor of a district or a department.

    Raises:
        OutOfScope: by the operation, before it does anything.
    """

    @wraps(operation)
    def guarded(*args: P.args, **given: P.kwargs) -> R:
        if not scope_of(given.get("actor")).is_whole:
            raise OutOfScope(_("This is done for the whole city, by people of the city."))
        return operation(*args, **given)

    guarded.scoped = {}  # type: ignore[attr-defined]
    return guarded


def _ids(given: Any) -> list[Any]:
    rows = given if isinstance(given, list | tuple | set | frozenset) else [given]
    ids = [row.pk if isinstance(row, Model) else row for row in rows]
    return [each for each in ids if each is not None]
