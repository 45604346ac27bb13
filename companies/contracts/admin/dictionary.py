"""The dictionary of the city's data: every dataset with its columns, as a page and as a workbook."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from companies.contracts.admin.describe import describe_contract
from companies.contracts.dictionary import write_workbook
from companies.contracts.registry import contracts

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DictionaryPages:
    """A mixin of the contracts' admin: the dictionary, which whoever sees datasets may read."""

    @action(description=gettext_lazy("Dictionary"), url_path="dictionary", permissions=["view"])
    def dictionary(self, request: HttpRequest) -> HttpResponse:
        """All datasets with their columns; `?xlsx` asks for the workbook."""
        known = list(contracts().values())
        if "xlsx" in request.GET:
            headers = {"Content-Disposition": 'attachment; filename="dictionary.xlsx"'}
            return HttpResponse(write_workbook(known), content_type=XLSX, headers=headers)
        context = {
            "datasets": [describe_contract(each) for each in known],
            "back": reverse("admin:companies_datasetcontract_changelist"),
        }
        return self.page(request, "admin/companies/dictionary.html", _("Dictionary"), context)  # type: ignore[attr-defined, no-any-return]
