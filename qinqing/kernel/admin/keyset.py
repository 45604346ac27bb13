"""
Lists of tables that grow with the city: newest first, page after page without counting and without skipping.

A page begins where the last one ended, at an id, so the thousandth page takes as long as the first. The list
does not say how many rows there are in all: to count millions for each page would cost more than the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, IntegerField, Model, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest
from django.utils.http import urlencode
from unfold.views import ChangeList

from qinqing.kernel.text import number as number_in

OLDER, NEWER = "older_than", "newer_than"
_CREDIT_CODE = "credit_code"
_CREDIT_CODE_LENGTH = 18


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a list goes on, as query strings; it stands where the admin's templates look for a paginator."""

    newest: str
    newer: str
    older: str
    per_page: int
    template_name: str = "admin/_keyset.html"


class KeysetChangeList(ChangeList):
    """A list in the order of its ids; `older_than` or `newer_than` in its address says where the page begins."""

    def __init__(self, request: HttpRequest, *arguments: Any, **options: Any) -> None:
        self._older, self._newer = (number_in(request.GET.get(name, "")) for name in (OLDER, NEWER))
        way_back = request.GET.urlencode()
        # A search or a filter begins anew at the newest rows, so its links carry no place in the list.
        asked = request.GET.copy()
        for name in (OLDER, NEWER):
            asked.pop(name, None)
        request.GET = asked  # type: ignore[assignment]
        super().__init__(request, *arguments, **options)
        self.preserved_filters = urlencode({"_changelist_filters": way_back}) if way_back else ""

    def get_results(self, request: HttpRequest) -> None:
        """Find the page's rows and one more, which tells whether there is another page."""
        rows = self.queryset.order_by("-pk")
        if self._newer is not None:
            rows = self.queryset.filter(pk__gt=self._newer).order_by("pk")
        elif self._older is not None:
            rows = rows.filter(pk__lt=self._older)
        one_more = list(rows[: self.list_per_page + 1])
        page = one_more[: self.list_per_page]
        if self._newer is not None:
            page.reverse()
        self.result_list, self.paginator = page, self._pages(page, goes_on=len(one_more) > len(page))
        self.result_count = self.full_result_count = len(page)
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = bool(page)

    def _pages(self, page: Sequence[Model], *, goes_on: bool) -> Pages:
        first, last = (page[0].pk, page[-1].pk) if page else (self._older, self._newer)
        has_newer = goes_on if self._newer is not None else self._older is not None
        has_older = goes_on if self._newer is None else True
        return Pages(
            newest=self.get_query_string() if has_newer else "",
            newer=self.get_query_string({NEWER: first}) if has_newer and page else "",
            older=self.get_query_string({OLDER: last}) if has_older and page else "",
            per_page=self.list_per_page,
        )


class KeysetLists:
    """
    A model's admin whose list is one of many pages; it goes before `ModelAdmin` in the bases.

    Where a field of `search_fields` begins with "=", the search compares its value exactly, so that an index finds it.
    """

    show_full_result_count = False
    ordering = ("-pk",)

    def get_changelist(self, _request: HttpRequest, **_options: Any) -> type[KeysetChangeList]:
        """The list without numbers of pages."""
        return KeysetChangeList

    def get_sortable_by(self, _request: HttpRequest) -> Sequence[str]:
        """No column: the database must not sort millions of rows for one page; filters and the search find rows."""
        return ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows of which at least one field matches the search."""
        term = search_term.strip()
        if not term:
            return queryset, False
        fields = self.get_search_fields(request)  # type: ignore[attr-defined]
        return filter_by_any(queryset, list(_search_conditions(queryset.model, fields, term))), False


def filter_by_any(queryset: QuerySet[Any], conditions: Sequence[Q]) -> QuerySet[Any]:
    """
    The rows for which at least one condition holds; each condition uses its own index.

    If OR joined conditions on several tables, PostgreSQL would read every row of all of them.
    """
    if len(conditions) < 2:
        return queryset.filter(*conditions) if conditions else queryset.none()
    ids = [queryset.model._default_manager.filter(each).order_by().values("pk") for each in conditions]
    return queryset.filter(pk__in=reduce(lambda one, other: one.union(other), ids))


def _search_conditions(model: type[Model], fields: Sequence[str], term: str) -> Iterator[Q]:
    for field in fields:
        path = field.removeprefix("=")
        if path == field:
            yield Q(**{path if _has_lookup(model, path) else f"{path}__icontains": term})
        elif isinstance(_field(model, path), IntegerField):
            if (number := number_in(term)) is not None:
                yield Q(**{path: number})
        elif not path.endswith(_CREDIT_CODE) or len(term) == _CREDIT_CODE_LENGTH:
            yield Q(**{f"{path}__in": {term, term.upper()}})


def _has_lookup(model: type[Model], path: str) -> bool:
    try:
        _field(model, path)
    except FieldDoesNotExist:
        return True
    return False


def _field(model: type[Model], path: str) -> Field[Any, Any]:
    *way, last = path.split(LOOKUP_SEP)
    for step in way:
        related = model._meta.get_field(step).related_model
        if related is None or isinstance(related, str):
            raise FieldDoesNotExist(path)
        model = related
    field = model._meta.get_field(last)
    assert isinstance(field, Field)
    return field
