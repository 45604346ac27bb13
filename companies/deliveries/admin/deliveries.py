"""Deliveries in the admin: what landed, what did not and why, and the form by which staff deliver a file."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from companies.contracts.departments import department_name
from companies.deliveries.access import datasets_open_to, deliveries_seen_by
from companies.deliveries.admin.dataset_manual import ManualPages
from companies.deliveries.deliver import deliver
from companies.deliveries.delivery_id import id_by_content
from companies.deliveries.quarantine import export_quarantine
from companies.deliveries.registry.targets import deliverables
from companies.deliveries.signatures.words import describe_signer
from companies.deliveries.staging.table import MAX_QUARANTINED
from companies.models import Delivery, DeliveryStatus, QuarantinedRow, User
from companies.people.scope import narrow
from companies.read_only_admin import ReadingInline
from qinqing.kernel.admin.keyset import KeysetLists
from qinqing.kernel.admin.model_admin import ModelAdmin
from qinqing.kernel.admin.worklist_filter import WaitsForYou
from qinqing.kernel.labels import Colours
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.tables.written import csv_file
from qinqing.kernel.text import Bilingual


def title_of(delivery: Delivery) -> str:
    """A title of the delivery: department, dataset and day; its id if the dataset does not exist."""
    known = deliverables().get(delivery.dataset)
    day = date_format(delivery.as_of_on)
    return (
        f"{department_name(known.department)} · {_named_dataset(delivery)} · {day}" if known else f"{delivery} · {day}"
    )


def _named_dataset(delivery: Delivery) -> Bilingual | None:
    known = deliverables().get(delivery.dataset)
    return Bilingual(known.word.zh, known.word.en) if known else None


class DeliveryForm(forms.ModelForm):  # type: ignore[type-arg]
    """
    A file to deliver. The form delivers it while it is cleaned, because only then is known whether the file is right;
    the page shows a refusal beside the form.

    The admin sets `user`.
    """

    user: User
    # The admin theme reads a posted field “dataset” as one of its own.
    dataset_name = forms.ChoiceField(label=gettext_lazy("Dataset"), widget=UnfoldAdminSelectWidget)
    as_of_on = forms.DateField(
        label=gettext_lazy("As of"),
        widget=UnfoldAdminDateWidget,
        # The field is empty at first: if it offered today, old data would soon be delivered as today's, count as fresh,
        # and pay.
        help_text=gettext_lazy(
            "The day on which the data was true in your own system, such as the day of the export; not the day of the"
            " upload. Rules take the data for as old as this day says."
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=gettext_lazy(
            "CSV or NDJSON in UTF-8 or GB18030, an xlsx workbook or Parquet; each may be packed as gzip or zip."
        ),
    )
    delivery_id = forms.CharField(
        label=gettext_lazy("Delivery id"),
        widget=UnfoldAdminTextInputWidget,
        required=False,
        max_length=64,
        help_text=gettext_lazy("The same id never lands twice. Left empty, the file's content and day are its id."),
    )

    class Meta:
        model = Delivery
        fields = ("as_of_on", "delivery_id")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [
            (name, f"{Bilingual(deliverable.word.zh, deliverable.word.en)} · {name}")
            for name, deliverable in datasets_open_to(user=self.user).items()
        ]
        cast(forms.ChoiceField, self.fields["dataset_name"]).choices = choices

    def clean(self) -> dict[str, Any]:
        """Deliver the file, or show why it was refused."""
        asked: dict[str, Any] = self.cleaned_data
        if not self.errors:
            try:
                self.instance = self._deliver(asked)
            except Refusal as refusal:
                self.add_error("file", str(refusal))
        return asked

    def _post_clean(self) -> None:
        """Do nothing: the instance is the delivery that landed, and the form writes no field of it."""

    def _deliver(self, asked: dict[str, Any]) -> Delivery:
        content = cast(BinaryIO, asked["file"].file)
        dataset = asked["dataset_name"]
        return deliver(
            delivery_id=asked["delivery_id"]
            or id_by_content(dataset=dataset, as_of_on=asked["as_of_on"], content=content),
            dataset=dataset,
            content=content,
            as_of_on=asked["as_of_on"],
            delivered_by=self.user,
            now=timezone.now(),
        )

    def save(self, commit: bool = True) -> Delivery:  # noqa: FBT001, FBT002 - Django's signature
        """Return the delivery that landed; it is stored already."""
        return cast(Delivery, self.instance)

    def save_m2m(self) -> None:
        """Do nothing: a delivery has no such relations."""


class SignedFilter(admin.SimpleListFilter):
    """Filters the list to signed or to unsigned deliveries."""

    title = gettext_lazy("signature")
    parameter_name = "signed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Both answers."""
        return [("yes", _("signed")), ("no", _("unsigned"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """The deliveries of the chosen answer."""
        return queryset.filter(signed_with__isnull=self.value() == "no") if self.value() else queryset


class QuarantineInline(ReadingInline):
    """The rows that did not land."""

    model = QuarantinedRow
    fields = readonly_fields = ("row_number", "column", "why")
    ordering = ("row_number",)
    per_page = 50

    @admin.display(description=gettext_lazy("reason"))
    def why(self, row: QuarantinedRow) -> str:
        """The reason in words."""
        return row.sentence


@admin.register(Delivery)
class DeliveryAdmin(ManualPages, KeysetLists, ModelAdmin):
    """Deliveries, the newest first."""

    list_display = (
        *("dataset_shown", "as_of_on", "status_shown", "landed_count", "changed_count", "quarantined_count"),
        *("signed_shown", "received_at", "delivered_by", "delivery_id"),
    )
    list_filter = (WaitsForYou, "status", SignedFilter, "dataset")
    list_select_related = ("delivered_by", "signed_with")
    search_fields = ("=delivery_id",)
    inlines = (QuarantineInline,)
    fieldsets = (
        (None, {"fields": (("dataset_shown", "delivery_id"), ("as_of_on", "received_at", "delivered_by"))}),
        (
            gettext_lazy("Result"),
            {"fields": ("status", "refused_for", ("landed_count", "changed_count", "quarantined_shown"))},
        ),
        (gettext_lazy("File"), {"fields": ("read_as", "byte_count", "sha256")}),
        (gettext_lazy("Signature"), {"fields": ("signed_shown", "fingerprint", "manifest_shown")}),
    )

    readonly_fields = (
        *("dataset_shown", "refused_for", "quarantined_shown"),
        *("signed_shown", "fingerprint", "manifest_shown"),
    )
    actions_detail = ("quarantine_file",)

    @display(description=gettext_lazy("dataset"), ordering="dataset")
    def dataset_shown(self, delivery: Delivery) -> str:
        """The dataset by its name and its code; the dataset of a refused delivery may not exist."""
        name = _named_dataset(delivery)
        return delivery.dataset if name is None else f"{name} · {delivery.dataset}"

    @display(description=gettext_lazy("refusal"))
    def refused_for(self, delivery: Delivery) -> str:
        """The reason for which the delivery was refused."""
        return str(delivery.why) or "—"

    @display(description=gettext_lazy("rows in quarantine"))
    def quarantined_shown(self, delivery: Delivery) -> str:
        """The number of rows in quarantine; if not all are stored, the list below has the first ones."""
        count = number_format(delivery.quarantined_count)
        if delivery.quarantined_count <= MAX_QUARANTINED:
            return count
        sentence = _("{count}, of which the first {limit} are listed below")
        return sentence.format(count=count, limit=number_format(MAX_QUARANTINED))

    @display(
        description=gettext_lazy("signature"),
        ordering="signed_with",
        label=Colours({"signed": "success", "unsigned": "warning"}),
    )
    def signed_shown(self, delivery: Delivery) -> tuple[str, str]:
        """Who signed it, or that nobody did, as a coloured label."""
        return "signed" if delivery.signed_with else "unsigned", describe_signer(delivery.signed_with)

    @display(description=gettext_lazy("fingerprint of the key"))
    def fingerprint(self, delivery: Delivery) -> str:
        """The whole fingerprint of the key by which it is signed."""
        return delivery.signed_with.fingerprint if delivery.signed_with else "—"

    @display(description=gettext_lazy("manifest"))
    def manifest_shown(self, delivery: Delivery) -> str:
        """The manifest as it was signed."""
        return delivery.manifest or "—"

    @display(
        description=gettext_lazy("status"), ordering="status", label=Colours({"landed": "success", "failed": "danger"})
    )
    def status_shown(self, delivery: Delivery) -> tuple[str, str]:
        """The status as a coloured label."""
        return delivery.status, delivery.get_status_display()

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        """Title the page by department, dataset and day, because the sender's id tells people nothing."""
        if isinstance(context.get("original"), Delivery):
            context["subtitle"] = title_of(context["original"])
        return super().render_change_form(request, context, *args, **options)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """The deliveries; a department sees only its own."""
        assert isinstance(request.user, User)
        return narrow(deliveries_seen_by(user=request.user), user=request.user)

    def get_form(self, request: HttpRequest, obj: Delivery | None = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """The form that delivers a file; a delivery that exists is only shown."""
        if obj is not None:
            return super().get_form(request, obj, change, **options)
        assert isinstance(request.user, User)
        return type("DeliveryForm", (DeliveryForm,), {"user": request.user})

    def get_fieldsets(self, request: HttpRequest, obj: Delivery | None = None) -> Any:
        """The fieldsets; the form for a new delivery has only a few fields."""
        if obj is None:
            return ((None, {"fields": ("dataset_name", "file", "as_of_on", "delivery_id")}),)
        return super().get_fieldsets(request, obj)

    def get_inlines(self, request: HttpRequest, obj: Delivery | None) -> Any:
        """The quarantine, if rows may be in it."""
        return self.inlines if obj is not None and obj.status == DeliveryStatus.LANDED else ()

    def save_model(self, request: HttpRequest, obj: Delivery, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Do nothing: the form has delivered."""

    def response_add(self, request: HttpRequest, obj: Delivery, post_url_continue: str | None = None) -> HttpResponse:
        """Show the delivery that the file became."""
        if obj.is_repeated:
            messages.info(request, _("This file had landed before; nothing was done again."))
        else:
            landed = ngettext("{count} row landed.", "{count} rows landed.", obj.landed_count)
            messages.success(request, landed.format(count=obj.landed_count))
        if obj.quarantined_count:
            wrong = ngettext(
                "{count} row is in quarantine; see below why.",
                "{count} rows are in quarantine; see below why.",
                obj.quarantined_count,
            )
            messages.warning(request, wrong.format(count=obj.quarantined_count))
        return redirect("admin:companies_delivery_change", obj.pk)

    def has_quarantine_permission(self, request: HttpRequest, object_id: int | str | None = None) -> bool:
        """
        A person who sees the quarantine of a delivery can export it; a department only that of its own deliveries.
        """
        may: bool = request.user.has_perm("companies.view_quarantinedrow")
        wrong = self.get_queryset(request).filter(quarantined_count__gt=0)
        return may and (object_id is None or wrong.filter(pk=object_id).exists())

    @action(
        description=gettext_lazy("Rows in quarantine as CSV"), url_path="quarantine.csv", permissions=["quarantine"]
    )
    def quarantine_file(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Export row, column and reason of all rows in quarantine."""
        return require_safe(self._quarantine_file)(request, object_id)

    def _quarantine_file(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        delivery = get_object_or_404(self.get_queryset(request), pk=object_id)
        name = f"{delivery.dataset}-{delivery.as_of_on:%Y%m%d}-{delivery.pk}.csv"
        return csv_file(name=name, rows=export_quarantine(delivery=delivery))

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        """A delivery is a record; it does not change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        """A delivery is a record; it stays."""
        return False
