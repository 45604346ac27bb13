"""The page of stuck work, with advice for each kind, and the admin of released leases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from companies.deliveries.admin.deliveries import title_of
from companies.models import Delivery
from companies.people.permissions import signed_in
from payouts.desk import ReadOnlyAdmin, ReasonForm
from payouts.exceptions.release_leases import release_leases
from payouts.exceptions.stuck import BANK_MINUTES, MATCHING_MINUTES, SHOWN, Stuck, StuckRows, find_stuck_work
from payouts.ledger.stored_text import describe_contradiction
from payouts.models import LeaseRelease, Payout, Reply
from payouts.states import Status
from policies.models import MatchRun
from qinqing.kernel.money import yuan
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import number


@admin.register(LeaseRelease)
class LeaseReleaseAdmin(ReadOnlyAdmin):
    """Releases of leases, with persons and reasons; this admin also holds the page of stuck work."""

    list_display = ("released_at", "payout", "leased_until", "released_by", "because")
    list_select_related = ("payout", "released_by")
    search_fields = ("=payout__id",)
    search_help_text = gettext_lazy("Number of the payout")
    fields = ("payout", "leased_until", "released_at", "released_by", "because")

    def get_urls(self) -> list[URLPattern]:
        """The address of the page of stuck work, before those of single rows."""
        stuck_work = path("stuck/", self.admin_site.admin_view(self.stuck_page), name="payouts_stuck")
        return [stuck_work, *super().get_urls()]

    def stuck_page(self, request: HttpRequest) -> HttpResponseBase:
        """Show the stuck work; a POST releases the leases of the marked payouts."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._release(request)
        return self._shown(request, ReasonForm())

    def _release(self, request: HttpRequest) -> HttpResponseBase:
        if not self.may(request, "add"):
            raise PermissionDenied
        form, marked = ReasonForm(request.POST), _numbers(request.POST.getlist("payout"))
        if not marked:
            messages.error(request, _("Mark at least one payout that a worker holds."))
        if not marked or not form.is_valid():
            return self._shown(request, form, marked)
        try:
            released = release_leases(
                payout_ids=marked, **form.cleaned_data, actor=signed_in(request), now=timezone.now()
            )
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            sentence = ngettext(
                "%(count)s payout was released; the bank is asked about it now.",
                "%(count)s payouts were released; the bank is asked about them now.",
                len(released),
            )
            messages.success(request, sentence % {"count": len(released)})
        return redirect("admin:payouts_stuck")

    def _shown(self, request: HttpRequest, form: ReasonForm, marked: Iterable[int] = ()) -> HttpResponseBase:
        now = timezone.now()
        found = find_stuck_work(now=now)
        sections = _sections(found, now, request, marked)
        context = {
            "sections": [section for section in sections if section["rows"]],
            "form": form,
            "may_release": self.may(request, "add") and any(each.is_held for each in found.payouts.rows),
            "releases": reverse("admin:payouts_leaserelease_changelist"),
        }
        return self.page(request, "admin/payouts/stuck.html", _("Stuck work"), context)


def _sections(found: Stuck, now: datetime, request: HttpRequest, marked: Iterable[int]) -> list[dict[str, Any]]:
    return [
        _section(
            _("Payouts the bank has not settled"),
            _(
                "With the bank for more than %(minutes)s minutes. The platform asks the bank by itself and never"
                " sends anything again. When a worker holds a payout and does not go on, release it."
            )
            % {"minutes": BANK_MINUTES},
            found.payouts,
            [_payout_row(each, now, marked) for each in found.payouts.rows],
        ),
        _section(
            _("Replies that contradict"),
            _(
                "Nothing moved by them. Ask the bank by telephone, with the end-to-end id, which reply is true, and"
                " write down on the reply’s page what was found. Whether a payment was made somebody else confirms."
            ),
            found.contradictions,
            [_reply_row(each, now) for each in found.contradictions.rows],
        )
        | {"is_newest_first": True},
        _section(
            _("Payouts of a right that was paid already"),
            _(
                "They do not go on: the bank says that it paid a payout of the same right that had been cancelled."
                " Cancel them; should the bank send that money back, they go on as before."
            ),
            found.paid_otherwise,
            [_row_of_payout(each, now) for each in found.paid_otherwise.rows],
        ),
        _section(
            _("Matching runs that were set aside"),
            _("An officer changes the rules, or asks for another run on the version’s page."),
            found.runs,
            [_run_row(each, now) for each in found.runs.rows],
        ),
        _section(
            _("Deliveries that were not matched"),
            _(
                "Landed more than %(minutes)s minutes ago, and firms were not decided again. See that the workers"
                " of the queue “match” run; the work goes on where it stopped."
            )
            % {"minutes": MATCHING_MINUTES},
            found.deliveries,
            [_delivery_row(each, now, request) for each in found.deliveries.rows],
        ),
    ]


def _section(title: str, advice: str, listed: StuckRows, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"title": title, "advice": advice, "rows": rows, "total": listed.total, "shown": len(rows)}


def _numbers(texts: Iterable[str]) -> list[int]:
    return [found for text in texts if (found := number(text)) is not None][:SHOWN]


def _row(what: str, link: str, why: str, since: datetime, now: datetime) -> dict[str, Any]:
    return {"what": what, "link": link, "why": why, "since": since, "waited": timesince(since, now)}


def _row_of_payout(payout: Payout, now: datetime) -> dict[str, Any]:
    what = f"#{payout.pk} {payout.policy.code} · {payout.company} · {yuan(payout.amount_cny)}"
    return _row(what, _page_of(payout), str(Status(payout.status).label), payout.moved_at, now)


def _payout_row(payout: Payout, now: datetime, marked: Iterable[int]) -> dict[str, Any]:
    row = _row_of_payout(payout, now)
    # The annotation of `payouts.exceptions.stuck`.
    is_held: bool = payout.is_held  # type: ignore[attr-defined]
    until = payout.leased_until if is_held else None
    return row | {"number": payout.pk, "held_until": until, "is_marked": payout.pk in set(marked), "is_payout": True}


def _reply_row(reply: Reply, now: datetime) -> dict[str, Any]:
    # The annotation of `payouts.exceptions.stuck`.
    is_found: bool = reply.is_found  # type: ignore[attr-defined]
    to_confirm = _("What was found waits for somebody else to confirm it.") if is_found else ""
    why = " ".join(filter(None, (describe_contradiction(reply), to_confirm)))
    return _row(str(reply.instruction), _page_of(reply), why, reply.received_at, now)


def _run_row(run: MatchRun, now: datetime) -> dict[str, Any]:
    return _row(str(run.version), _page_of(run.version), str(run.why), run.asked_at, now)


def _delivery_row(delivery: Delivery, now: datetime, request: HttpRequest) -> dict[str, Any]:
    link = _page_of(delivery) if request.user.has_perm("companies.view_delivery") else ""
    return _row(title_of(delivery), link, "", delivery.received_at, now)


def _page_of(row: models.Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
