"""
The pages on which a data steward declares a dataset, or the next version of one.

A contract comes as a file, or from a form that a sample of the data fills in; both lead to the same page, which shows
what will be there, what it takes away, and asks to confirm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from companies.contracts.admin.describe import describe_contract
from companies.contracts.admin.forms import (
    ColumnForm,
    ColumnFormSet,
    TermsForm,
    initial_column,
    initial_of,
    initial_terms,
    make_contract,
)
from companies.contracts.change import describe_narrowing, list_reliances, propose_change
from companies.contracts.contract import Contract, Role, Type, Unsound
from companies.contracts.declare import LONGEST_CONTRACT, Draft, declare_contract, find_in_force, read_draft
from companies.contracts.departments import offices
from companies.contracts.read import read_contract
from companies.contracts.sample import propose_columns
from companies.contracts.write import write_contract
from companies.deliveries.sample import check_values, read_sample
from companies.models import DatasetContract
from companies.people.permissions import signed_in
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.tables.refusals import UnreadableTable
from qinqing.kernel.text import number

MAY_DECLARE = "companies.add_datasetcontract"
YAML_ENDINGS = (".yaml", ".yml")
EMPTY_COLUMNS, MORE_COLUMNS = 3, 3
MASKED = "*"


class FileForm(forms.Form):
    """A contract, or a sample of the data."""

    file = forms.FileField(
        label=gettext_lazy("Contract or sample"),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.xlsx,.csv,.txt", "class": "officer-file"}),
        help_text=gettext_lazy(
            "A data contract (YAML, Open Data Contract Standard 3), or a workbook or CSV file with the titles of the"
            " columns and a few rows. A sample is read and forgotten."
        ),
    )


class DeclarePages:
    """A mixin of the contracts' admin: the way from a file or a form to a declared dataset."""

    def has_declare_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """A person of a department that delivers, and superusers."""
        return request.user.has_perm(MAY_DECLARE)

    @action(description=gettext_lazy("Declare a dataset"), url_path="declare", permissions=["declare"])
    def declare(self, request: HttpRequest) -> HttpResponse:
        """Show the step of the way that was asked for."""
        steps = {"file": self._read_file, "form": self._read_form, "confirm": self._confirm}
        if (step := request.POST.get("step", "")) in steps:
            return steps[step](request)
        if known := self._find_earlier(request):
            return self._show_form(
                request, initial_terms(known), [initial_column(known, each) for each in known.delivered]
            )
        if "empty" in request.GET:
            return self._show_form(request, {"version": "1.0.0"}, _first_columns())
        return self._show_file(request, FileForm())

    def _find_earlier(self, request: HttpRequest) -> Contract | None:
        """The contract of which a person writes the next version."""
        row = DatasetContract.objects.filter(pk=number(request.GET.get("of", "")) or 0).first()
        row = find_in_force(row.name) if row else None
        return read_contract(row.text) if row else None

    def _show_file(self, request: HttpRequest, form: FileForm) -> HttpResponse:
        context = {"form": form, "step": "file", "verb": _("Read the file"), "back": _list_address(), "empty": "?empty"}
        return self._page(request, "admin/companies/declare_file.html", _("Declare a dataset"), context)

    def _read_file(self, request: HttpRequest) -> HttpResponse:
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show_file(request, form)
        file = form.cleaned_data["file"]
        try:
            if file.name.lower().endswith(YAML_ENDINGS):
                return self._show_draft(request, read_draft(text=_read_text(file), actor=signed_in(request)))
            sample = read_sample(content=file)
        except (Refusal, UnreadableTable) as refusal:
            form.add_error("file", str(refusal))
            return self._show_file(request, form)
        proposed = propose_columns(titles=sample.titles, rows=sample.rows)
        return self._show_form(request, {"version": "1.0.0"}, [initial_of(each) for each in proposed])

    def _show_form(
        self, request: HttpRequest, terms: dict[str, Any], columns: Sequence[dict[str, Any]]
    ) -> HttpResponse:
        departments = _departments(request)
        columns_form = ColumnFormSet(initial=list(columns), prefix="columns")
        return self._render_form(request, TermsForm(initial=terms, departments=departments), columns_form)

    def _render_form(
        self, request: HttpRequest, terms: TermsForm, columns: forms.BaseFormSet[ColumnForm], **shown: Any
    ) -> HttpResponse:
        context = {"terms": terms, "columns": columns, "back": _list_address(), **shown}
        return self._page(request, "admin/companies/declare_form.html", _("Declare a dataset"), context)

    def _read_form(self, request: HttpRequest) -> HttpResponse:
        data = request.POST.copy()
        if "more" in data:
            data["columns-TOTAL_FORMS"] = str((number(data.get("columns-TOTAL_FORMS", "")) or 0) + MORE_COLUMNS)
        terms = TermsForm(data, departments=_departments(request))
        columns = ColumnFormSet(data, prefix="columns")
        if "more" in data:
            return self._render_form(request, terms, columns)
        if not (terms.is_valid() and columns.is_valid()):
            return self._render_form(request, terms, columns)
        try:
            draft = self._make_draft(request, terms, columns)
        except Refusal as refusal:
            terms.add_error(None, str(refusal))
            return self._render_form(request, terms, columns)
        if "preview" in data:
            wrong = check_values(contract=draft.contract, values=_list_examples(columns))
            return self._render_form(
                request, terms, columns, draft=draft, wrong=wrong, **describe_contract(draft.contract)
            )
        return self._show_draft(request, draft)

    def _make_draft(self, request: HttpRequest, terms: TermsForm, columns: forms.BaseFormSet[ColumnForm]) -> Draft:
        try:
            contract = make_contract(terms.cleaned_data, columns)
        except Unsound as unsound:
            raise Refusal(_("The dataset %(fault)s.") % {"fault": unsound}) from unsound
        return read_draft(text=write_contract(contract), actor=signed_in(request))

    def _show_draft(self, request: HttpRequest, draft: Draft, **shown: Any) -> HttpResponse:
        context = {
            **describe_contract(draft.contract),
            "draft": draft,
            "losses": [describe_narrowing(line) for line in draft.narrowings],
            "reliances": list_reliances(contract=draft.contract, narrowings=draft.narrowings)
            if draft.takes_two
            else [],
            "back": _list_address(),
            **shown,
        }
        title = _("Declare %(name)s %(version)s")
        names = {"name": draft.contract.name, "version": draft.contract.version}
        return self._page(request, "admin/companies/declare_confirm.html", title % names, context)

    def _confirm(self, request: HttpRequest) -> HttpResponse:
        """Declare the contract that the page showed, or propose it where it takes two people."""
        actor, now, because = signed_in(request), timezone.now(), request.POST.get("because", "")
        try:
            draft = read_draft(text=request.POST.get("text", ""), actor=actor)
        except Refusal as refusal:
            form = FileForm()
            self.message_user(request, str(refusal), level="error")  # type: ignore[attr-defined]
            return self._show_file(request, form)
        try:
            if draft.takes_two:
                propose_change(draft=draft, because=because, actor=actor, now=now)
                told = _("A colleague of your department has to confirm %(name)s %(version)s.")
                row = draft.in_force
            else:
                row = declare_contract(draft=draft, actor=actor, now=now)
                told = _("%(name)s %(version)s is declared: it can be delivered and used in rules now.")
        except Refusal as refusal:
            return self._show_draft(request, draft, refusal=str(refusal), because=because)
        names = {"name": draft.contract.name, "version": draft.contract.version}
        self.message_user(request, told % names, level="success")  # type: ignore[attr-defined]
        return redirect("admin:companies_datasetcontract_change", row.pk if row else 0)

    def _page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        answer: HttpResponse = self.page(request, template, title, context)  # type: ignore[attr-defined]
        return answer


def _list_address() -> str:
    return reverse("admin:companies_datasetcontract_changelist")


def _departments(request: HttpRequest) -> list[str]:
    user = signed_in(request)
    return list(offices()) if user.is_superuser else [user.department] if user.department in offices() else []


def _first_columns() -> list[dict[str, Any]]:
    """The column of the firm, which most datasets have, and some empty parts."""
    firm = {
        "zh": "统一社会信用代码",
        "en": "Credit code",
        "name": "credit_code",
        "type": Type.CREDIT_CODE.value,
        "role": Role.CREDIT_CODE.value,
        "is_key": True,
        "is_required": True,
    }
    return [firm, *({} for _place in range(EMPTY_COLUMNS))]


def _list_examples(columns: forms.BaseFormSet[ColumnForm]) -> list[tuple[str, str]]:
    """The sample's values by the names of their columns, but for those that are masked."""
    return [
        (form.property.name, value)
        for form in columns.forms
        if form.property is not None
        for value in form.cleaned_data["examples"].split(" · ")
        if value and MASKED not in value
    ]


def _read_text(file: Any) -> str:
    """
    The text of a contract's file.

    Raises:
        Refusal: it is no text in UTF-8.
    """
    try:
        return str(file.read(4 * LONGEST_CONTRACT).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refusal(_("The contract is no text in UTF-8; save it again as UTF-8.")) from None
