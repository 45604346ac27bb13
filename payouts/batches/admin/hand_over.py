"""The part of the batches' admin that hands a file over to the drop of its bank, and shows how that stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.people.permissions import signed_in
from payouts.batch_states import BatchStatus, Channel
from payouts.batches.admin.streams import stream
from payouts.batches.hand_over import (
    download_archive,
    download_signature,
    find_stored,
    may_be_ordered,
    order_hand_over,
)
from payouts.desk import ReadOnlyAdmin, table
from payouts.models import Batch
from qinqing.kernel.signatures import write_public_key


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step as the page shows it."""

    name: str
    at: datetime
    by: str
    detail: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """How the hand-over of a batch stands; the public key, in PEM, is there once something was signed."""

    steps: tuple[StepRow, ...]
    may_be_ordered: bool
    public_key: str


class HandOverPart(ReadOnlyAdmin):
    """Orders a hand-over, and offers what was signed with its signature."""

    @admin.display(description=gettext_lazy("handed over to the drop"))
    def handed_over(self, batch: Batch) -> SafeString | str:
        """The steps of the hand-over to the bank's drop."""
        steps = list_steps(batch=batch)
        rows = ((step.name, step.by or "—", str(localize(localtime(step.at))), step.detail) for step in steps)
        return table((_("step"), _("by"), _("at"), _("reason")), rows) if steps else "—"

    def answer_hand_over(self, request: HttpRequest, batch: Batch, here: str) -> HttpResponseBase:
        """Order the hand-over, or hand out what was signed or its signature; the caller asked who it is."""
        if not self.has_files_permission(request, batch.pk):
            raise PermissionDenied
        actor = signed_in(request)
        match request.POST["hand_over"]:
            case "order":
                order_hand_over(batch=batch, actor=actor, now=timezone.now())
                self.log_change(request, batch, _("Hand over to the bank’s drop"))
                messages.info(request, _("A worker hands the file over; this page shows how far it is."))
                return redirect(here)
            case "archive":
                download = download_archive(batch=batch, actor=actor)
            case "signature":
                download = download_signature(batch=batch, actor=actor)
            case _other:
                raise Http404
        self.log_change(request, batch, download.name)
        return stream(download)


def describe_hand_over(*, batch: Batch) -> HandOver | None:
    """Describe how the hand-over of a batch of files stands; None for what went over an interface."""
    if batch.channel != Channel.FILE:
        return None
    stored = find_stored(batch=batch)
    return HandOver(
        steps=tuple(list_steps(batch=batch)),
        may_be_ordered=batch.status == BatchStatus.EXPORTED and may_be_ordered(batch=batch),
        public_key=write_public_key(bytes(stored.public_key or b"")) if stored else "",
    )


def list_steps(*, batch: Batch) -> list[StepRow]:
    """List the steps in their order."""
    steps = batch.hand_over_steps.select_related("ordered_by").order_by("number")
    return [
        StepRow(
            name=str(step.get_kind_display()),
            at=step.at,
            by=str(step.ordered_by or ""),
            detail=_(step.detail) if step.detail else "",
        )
        for step in steps
    ]
