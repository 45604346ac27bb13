"""The page of a dataset's rows, for reading: one page for all datasets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from unfold.widgets import UnfoldAdminTextInputWidget

from companies.contracts.contract import NUMBERS, Contract, Property, Subject, Type
from companies.contracts.registry import contracts
from companies.contracts.rows import DatasetRow, RowsAsked, read_rows
from companies.models import Company
from companies.people.permissions import signed_in
from companies.people.scope import narrow, scope_of
from qinqing.kernel.text import Bilingual, number

PER_PAGE = 50
MAY_READ_ROWS = "companies.view_dataset_rows"
OLDER = "older_than"


class RowPages:
    """A mixin of the contracts' admin: the rows of each dataset, found by the firm or the person."""

    def get_urls(self) -> list[URLPattern]:
        """The address of the rows, before the addresses of single contracts."""
        view = self.admin_site.admin_view(require_safe(self.rows))  # type: ignore[attr-defined]
        return [path("rows/<slug:dataset>/", view, name="companies_datasetcontract_rows"), *super().get_urls()]  # type: ignore[misc]

    def rows(self, request: HttpRequest, dataset: str) -> HttpResponse:
        """The newest rows of a dataset that are within the person's scope."""
        contract, user = contracts().get(dataset), signed_in(request)
        scope = scope_of(user)
        is_others = contract is None or scope.department not in {"", contract.department}
        if contract is None or is_others or not user.has_perm(MAY_READ_ROWS):
            raise Http404
        firms = narrow(Company.objects.all(), user=user) if scope.district else None
        asked = _read_asked(request, firms)
        found = read_rows(contract=contract, asked=asked, limit=PER_PAGE + 1)
        shown = found[:PER_PAGE]
        context = {
            "contract": contract,
            "form": _make_form(contract, asked),
            "columns": [_Cell(str(Bilingual(each.word.zh, each.word.en)), _is_number(each)) for each in contract.facts],
            "rows": [_show(contract, row) for row in shown],
            "has_company": contract.subject is not Subject.PERSON,
            "has_person": contract.subject is not Subject.COMPANY,
            "older": _address(request, shown[-1].pk) if len(found) > PER_PAGE else "",
            "back": reverse("admin:companies_datasetcontract_changelist"),
        }
        title = _("Rows of “%(dataset)s”") % {"dataset": Bilingual(contract.word.zh, contract.word.en)}
        return self.page(request, "admin/companies/rows.html", title, context)  # type: ignore[attr-defined, no-any-return]


class SearchForm(forms.Form):
    """Whose rows somebody looks for."""

    credit_code = forms.CharField(
        label=gettext_lazy("Credit code of the firm"), max_length=18, widget=UnfoldAdminTextInputWidget
    )
    person = forms.CharField(
        label=gettext_lazy("Beginning of the person's name"), max_length=60, widget=UnfoldAdminTextInputWidget
    )


class _Cell(NamedTuple):
    """A text of the table; numbers stand at the right."""

    text: str
    is_number: bool


def _is_number(each: Property) -> bool:
    return each.type in NUMBERS


def _make_form(contract: Contract, asked: RowsAsked) -> SearchForm:
    form = SearchForm(initial={"credit_code": asked.credit_code, "person": asked.person})
    if contract.subject is Subject.PERSON:
        del form.fields["credit_code"]
    if contract.subject is Subject.COMPANY:
        del form.fields["person"]
    return form


def _read_asked(request: HttpRequest, firms: Any) -> RowsAsked:
    asked = request.GET
    return RowsAsked(
        credit_code=asked.get("credit_code", "").strip().upper()[:18],
        person=asked.get("person", "").strip()[:60],
        firms=firms,
        older_than=number(asked.get(OLDER, "")),
    )


def _address(request: HttpRequest, last: int) -> str:
    asked = request.GET.copy()
    asked[OLDER] = str(last)
    return f"?{urlencode(asked)}"


def _show(contract: Contract, row: DatasetRow) -> dict[str, Any]:
    facts = zip(contract.facts, row.values, strict=True)
    cells = [_Cell(_show_value(each, value), _is_number(each)) for each, value in facts]
    return {
        "row": row,
        "cells": cells,
        "company": reverse("admin:companies_company_change", args=[row.company_id]) if row.company_id else "",
        "delivery": reverse("admin:companies_delivery_change", args=[row.delivery_pk]),
    }


def _show_value(each: Property, value: Any) -> str:
    """A value as people read it; nothing where the department does not know."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.date):
        return date_format(value)
    if isinstance(value, Decimal):
        return f"{value:,}"
    if each.type is Type.CODE:
        names = {code.code: Bilingual(code.word.zh, code.word.en) for code in each.codes}
        return str(names.get(value, value))
    return str(value)
