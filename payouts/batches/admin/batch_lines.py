"""The part of the batches' admin that shows the lines of a sealed batch to its checker."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from payouts.batch_states import SEALED_ONCE
from payouts.batches.lines import (
    LINES_ON_A_PAGE,
    CheckedLine,
    are_sums_hidden,
    compare_with_last,
    count_flags,
    list_lines,
    sum_by_place,
)
from payouts.desk import ReadOnlyAdmin
from payouts.models import Batch
from qinqing.kernel.money import yuan
from qinqing.kernel.text import number


class BatchLinesPage(ReadOnlyAdmin):
    """Shows the lines of a batch, what is unusual about them, and their sums."""

    def has_lines_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Whoever sees the batch sees its lines, once they are fixed."""
        is_fixed = object_id is None or Batch.objects.filter(pk=object_id, status__in=SEALED_ONCE).exists()
        return self.may(request, "view") and is_fixed

    @action(description=gettext_lazy("Lines"), url_path="lines", permissions=["lines"])
    def lines(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show a page of lines; the sums stay hidden until the checker has typed the control sum."""
        batch = get_object_or_404(self.get_queryset(request), pk=object_id)
        shown = list_lines(batch=batch, after=number(request.GET.get("after", "")) or 0)
        context = {
            "batch": batch,
            "told": list(_describe_batch(batch)),
            "places": [] if are_sums_hidden(batch=batch) else sum_by_place(batch=batch),
            "lines": [(line, list(_name_flags(line))) for line in shown],
            "after": shown[-1].id if len(shown) == LINES_ON_A_PAGE else 0,
            "back": reverse("admin:payouts_batch_change", args=[batch.pk]),
        }
        return self.page(request, "admin/payouts/lines.html", _("Lines"), context)


def _describe_batch(batch: Batch) -> Iterator[str]:
    flags = count_flags(batch=batch)
    counted = {
        _("lines to accounts that were never paid to: %(count)s"): flags.new,
        _("lines to payees who were paid to another account before: %(count)s"): flags.changed,
        _("lines to accounts that several payees share: %(count)s"): flags.shared,
        _("lines of another amount than the policy entitles to: %(count)s"): flags.other_amounts,
    }
    for sentence, count in counted.items():
        yield sentence % {"count": number_format(count, force_grouping=True)}
    last = compare_with_last(batch=batch)
    if last is None:
        yield _("This is the first batch of the fund.")
        return
    yield _(
        "The last batch of the fund, %(batch)s, had %(count)s lines of %(total)s. Payees who were not in it: %(new)s;"
        " who are missing now: %(missing)s; with another account: %(others)s."
    ) % {
        "batch": last.message_id,
        "count": number_format(last.count, force_grouping=True),
        "total": yuan(last.total_cny),
        "new": number_format(last.newcomers, force_grouping=True),
        "missing": number_format(last.missing, force_grouping=True),
        "others": number_format(last.other_accounts, force_grouping=True),
    }


def _name_flags(line: CheckedLine) -> Iterator[str]:
    if line.is_new:
        yield _("new account")
    if line.is_changed:
        yield _("account changed")
    if line.is_shared:
        yield _("account shared")
    if line.amount_cny != line.entitled_cny:
        yield _("other amount")
