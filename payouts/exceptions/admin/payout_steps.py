"""The part of the payouts' admin that shows the steps of a payout, and gives them away as a file."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from payouts.desk import ReadOnlyAdmin, table
from payouts.exceptions.steps import list_steps, step_rows
from payouts.models import Payout
from qinqing.kernel.text import csv_lines


class PayoutStepsPage(ReadOnlyAdmin):
    """Shows who and which row of which file caused each step of a payout."""

    @admin.display(description=gettext_lazy("steps"))
    def steps(self, payout: Payout) -> SafeString:
        """All moves, with their persons, reasons, files and rows."""
        return table(
            (_("at"), _("step"), _("by"), _("reason"), _("file and row")),
            (
                (str(localize(localtime(step.at))), step.status, step.by, step.reason, step.source)
                for step in list_steps(payout=payout)
            ),
        )

    def has_steps_file_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Whoever may read the payout may take its steps along."""
        return self.may(request, "view")

    @action(description=gettext_lazy("Steps as a file"), url_path="steps-file", permissions=["steps_file"])
    def steps_file(self, request: HttpRequest, object_id: int) -> StreamingHttpResponse:
        """Send the steps as one file for a spreadsheet."""
        payout = get_object_or_404(self.get_queryset(request), pk=object_id)
        return StreamingHttpResponse(
            csv_lines(step_rows(payout=payout)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="payout-{payout.pk}-steps.csv"'},
        )
