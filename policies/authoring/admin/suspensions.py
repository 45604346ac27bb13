"""The suspensions of versions, for reading: why each was suspended, who lifted it, and the proposal that waits."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies.authoring.lift import KIND
from policies.models import Suspension
from qinqing.kernel.admin.model_admin import ModelAdmin
from qinqing.proposals.admin import address_of, compare
from qinqing.proposals.queries import find_open


@admin.register(Suspension)
class SuspensionAdmin(ModelAdmin):
    """The suspensions, the newest first; officers suspend, and propose to lift, on the version's own page."""

    list_display = ("version", "kind", "why", "suspended_at", "suspended_by", "lifted_at", "lifted_by")
    list_filter = ("kind", ("lifted_at", admin.EmptyFieldListFilter))
    search_fields = ("version__policy__code", "reason", "reason_en", "lifted_because")
    list_select_related = ("version__policy", "suspended_by", "lifted_by")
    ordering = ("-suspended_at", "-pk")
    fields = (
        "lifting",
        "version",
        "kind",
        "why",
        "suspended_at",
        "suspended_by",
        "lifted_at",
        "lifted_by",
        "lifted_because",
    )
    readonly_fields = ("why", "lifting")

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why(self, suspension: Suspension) -> str:
        """The reason in the reader's language."""
        return str(suspension.why)

    @admin.display(description=gettext_lazy("lifting"))
    def lifting(self, suspension: Suspension) -> SafeString | str:
        """The proposal to lift it that waits, or the way to propose it."""
        if suspension.lifted_at is not None:
            return _("lifted")
        if proposal := find_open(kind=KIND, subject_id=suspension.pk):
            return compare(proposal, link=address_of(proposal))
        address = reverse("admin:policies_policyversion_lift", args=[suspension.version_id])
        return format_html('<a class="officer-link" href="{}">{}</a>', address, _("Propose to lift it"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An officer suspends a version on its own page; the platform suspends by itself."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Suspension | None = None) -> bool:
        """A suspension is a record; it can only be read."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Suspension | None = None) -> bool:
        """A suspension is a record; it stays."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suspension]:
        """All suspensions."""
        suspensions: QuerySet[Suspension] = super().get_queryset(request)
        return suspensions
