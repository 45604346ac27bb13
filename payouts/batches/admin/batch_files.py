"""The page of a batch's files: the files in each layout, their progress and their downloads."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from companies.people.permissions import signed_in
from payouts.batch_states import WITH_THE_BANK, BatchStatus, Channel
from payouts.batches.admin.hand_over import HandOverPart, describe_hand_over
from payouts.batches.admin.streams import stream
from payouts.batches.batch_layout import propose_layout
from payouts.batches.download import download_files
from payouts.batches.forms import make_layout_form
from payouts.batches.orders import LARGEST_IMMEDIATE_LINES, order_files
from payouts.batches.write import write_files
from payouts.desk import ReadOnlyAdmin
from payouts.formats.exports.layout import Kind
from payouts.models import BankTemplate, Batch, BatchFile, Download, FileOrder
from payouts.models.banks.layout_life import LayoutStatus
from qinqing.kernel.admin.admin_steps import is_pressed
from qinqing.kernel.admin.confirmed_steps import Step
from qinqing.kernel.money import yuan
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import number
from qinqing.kernel.web.step_up import ask_for_second_factor, has_fresh_second_factor

DOWNLOADS_SHOWN = 20
PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True)
class LayoutFiles:
    """The files of a batch in one layout, and the latest order of a layout without files."""

    kind: Kind
    template: BankTemplate | None
    files: tuple[BatchFile, ...]
    order: FileOrder | None

    @property
    def name(self) -> str:
        """The name of the layout, or the kind of file."""
        return f"{self.template} · {self.kind.label}" if self.template else str(self.kind.label)

    @property
    def key(self) -> str:
        """The value by which the form names the layout."""
        return f"{self.kind}/{self.template.pk if self.template else ''}"


class BatchFilesPage(HandOverPart, ReadOnlyAdmin):
    """The part of the batches' admin that shows and downloads files."""

    def has_files_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Finance downloads the files, with their account numbers, once the batch is released."""
        is_released = object_id is None or Batch.objects.filter(pk=object_id, status__in=WITH_THE_BANK).exists()
        return self.may(request, "change") and is_released

    def has_change_layout_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """Whoever downloads the file proposes another layout while the bank has not answered in full."""
        released = Batch.objects.filter(pk=object_id or 0, status=BatchStatus.EXPORTED, channel=Channel.FILE)
        return self.may(request, "change") and (object_id is None or is_pressed(request) or released.exists())

    @action(description=gettext_lazy("Another layout"), url_path="change-layout", permissions=["change_layout"])
    def change_layout(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Propose to void the file in the first layout and to let the batch leave in another."""
        batch = get_object_or_404(Batch.objects.select_related("bank__template", "layout_template"), pk=object_id)

        def run(given: dict[str, Any]) -> str:
            propose_layout(batch=batch, **given, actor=signed_in(request), now=timezone.now())
            self.log_change(request, batch, _("Another layout"))
            return _("A colleague has to confirm it.")

        step = Step(
            verb=_("Another layout"),
            consequences=[
                str(batch),
                _("Say how you know that the bank has not taken the first file; a colleague confirms it."),
                _("From then on the file is taken in the new layout, and no more in the first."),
            ],
            run=run,
            back=reverse("admin:payouts_batch_change", args=[batch.pk]),
            is_confirmed=request.method == "POST",
            form=make_layout_form(batch.bank, has_reason=True),
        )
        return self.confirmed(request, step)

    def files_page(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Show all layouts; a POST downloads the files of one, or orders them if the batch is large."""
        batch = get_object_or_404(Batch.objects.select_related("bank", "fund__version"), pk=object_id)
        here = reverse("admin:payouts_batch_files", args=[batch.pk])
        if request.method == "POST":
            if not has_fresh_second_factor(request):
                return ask_for_second_factor(request)
            answer = self.answer_hand_over if "hand_over" in request.POST else self._download
            try:
                return answer(request, batch, here)
            except Refusal as refusal:
                messages.error(request, str(refusal))
                return redirect(here)
        layouts = _list_layouts(batch)
        downloads = Download.objects.filter(file__batch=batch).select_related("file__template", "downloaded_by")
        context: dict[str, Any] = {
            "batch": batch,
            "total": yuan(batch.control_sum_cny or Decimal(0)),
            "layouts": layouts,
            "hand_over": describe_hand_over(batch=batch),
            # It is stored nowhere: each page shows a new one, and the download goes by it.
            "password": secrets.token_urlsafe(PASSWORD_BYTES),
            "is_writing": any(layout.order and not layout.order.finished_at for layout in layouts),
            "downloads": list(downloads.order_by("-pk")[:DOWNLOADS_SHOWN]),
            "back": reverse("admin:payouts_batch_change", args=[batch.pk]),
        }
        return self.page(request, "admin/payouts/files.html", _("Files"), context)

    def _download(self, request: HttpRequest, batch: Batch, here: str) -> HttpResponseBase:
        if not self.has_files_permission(request, batch.pk):
            raise PermissionDenied
        kind, template = _parse_layout(request.POST.get("layout", ""), batch)
        actor, now = signed_in(request), timezone.now()
        is_written = batch.files.filter(kind=kind, template=template).exists()
        if not is_written and (batch.line_count or 0) > LARGEST_IMMEDIATE_LINES:
            order_files(batch=batch, kind=kind, template=template, actor=actor, now=now)
            messages.info(request, _("The file is being written; this page shows how far it is."))
            return redirect(here)
        files = write_files(batch=batch, kind=kind, template=template, now=now)
        if part := request.POST.get("part", ""):
            files = [file for file in files if str(file.part) == part]
        if not files:
            raise Http404
        plain_because = request.POST.get("plain_because", "").strip()
        password = "" if plain_because else request.POST.get("password", "")
        download = download_files(files=files, password=password, plain_because=plain_because, actor=actor, now=now)
        self.log_change(request, batch, f"{download.name} {files[0].stored.sha256}")
        return stream(download)


def _list_layouts(batch: Batch) -> list[LayoutFiles]:
    """List the one layout in which a batch of files leaves; what went over the interface is written in any."""
    files = list(batch.files.select_related("stored", "template").order_by("part"))
    orders = list(batch.orders.order_by("-pk"))
    if batch.channel == Channel.FILE:
        return [_find_layout_files(Kind(batch.layout_kind), batch.layout_template, files, orders)]
    templates = list(BankTemplate.objects.filter(status=LayoutStatus.IN_USE).order_by("name", "pk"))
    own_id = batch.bank.template_id if batch.bank else None
    # The bank's own layout comes first, then the standard's, then those of other banks.
    own = [each for each in templates if each.pk == own_id]
    others = [each for each in templates if each.pk != own_id]
    return [
        *(_find_layout_files(Kind(each.kind), each, files, orders) for each in own),
        *(_find_layout_files(kind, None, files, orders) for kind in Kind),
        *(_find_layout_files(Kind(each.kind), each, files, orders) for each in others),
    ]


def _find_layout_files(
    kind: Kind, template: BankTemplate | None, files: list[BatchFile], orders: list[FileOrder]
) -> LayoutFiles:
    key = (kind, template.pk if template else None)
    own_files = tuple(file for file in files if (file.kind, file.template_id) == key)
    order = next((order for order in orders if (order.kind, order.template_id) == key), None)
    return LayoutFiles(kind, template, own_files, None if own_files else order)


def _parse_layout(layout: str, batch: Batch) -> tuple[Kind, BankTemplate | None]:
    kind, _separator, template = layout.partition("/")
    if kind not in Kind:
        raise Http404
    if not template:
        return Kind(kind), None
    # A batch that left in a layout is taken in it, although the layout was retired since.
    offered = Q(status=LayoutStatus.IN_USE) | Q(pk=batch.layout_template_id)
    return Kind(kind), get_object_or_404(BankTemplate.objects.filter(offered), pk=number(template), kind=kind)
