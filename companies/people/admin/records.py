"""The records of sign-ins and of what was done in the admin, for the auditor: lists with filters, and files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from unfold.decorators import action, display

from companies.models import AdminRecord, SignIn
from qinqing.kernel.admin.keyset import KeysetLists
from qinqing.kernel.admin.read_only import ReadingAdmin
from qinqing.kernel.database.reading import read_newest_first
from qinqing.kernel.labels import Colours, Labelled
from qinqing.kernel.tables.written import csv_file

Kind = SignIn.Kind
COLOURS = Colours(
    {Kind.SIGNED_IN: "success", Kind.FAILED: "warning", Kind.LOCKED_OUT: "danger", Kind.SIGNED_OUT: "info"}
)
CHUNK_ROWS = 1_000
ACTIONS = {1: gettext_lazy("added"), 2: gettext_lazy("changed"), 3: gettext_lazy("deleted")}


class RecordsAdmin(KeysetLists, ReadingAdmin):
    """Rows that are only appended; the list, as it is filtered, can be taken away as a file."""

    actions_list = ("export",)
    exported: Sequence[str] = ()
    # Columns that the role which reads may not see.
    withheld: Sequence[str] = ()
    file_name = ""

    def has_export_permission(self, request: HttpRequest, _object_id: int | str | None = None) -> bool:
        """Whoever may read the records may take them away."""
        return bool(self.has_view_permission(request))

    @action(description=gettext_lazy("As CSV"), url_path="export", permissions=["export"])
    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Export the rows of the list; the address may hold its filters."""
        return require_safe(self._file)(request)

    def _file(self, request: HttpRequest) -> HttpResponseBase:
        rows = self.get_changelist_instance(request).get_queryset(request)
        name = f"{self.file_name}-{timezone.localdate():%Y%m%d}.csv"
        return csv_file(name=name, rows=self._rows(rows))

    def _rows(self, rows: QuerySet[Any]) -> Iterator[Sequence[str]]:
        yield self.exported
        for row in read_newest_first(rows.defer(*self.withheld), rows_at_once=CHUNK_ROWS):
            yield [self._cell(row, name) for name in self.exported]

    def _cell(self, row: Any, name: str) -> str:
        return str(getattr(self, name)(row) if hasattr(self, name) else getattr(row, name))


@admin.register(SignIn)
class SignInRecordAdmin(RecordsAdmin):
    """Who signed in and out, who failed, and who was locked out."""

    list_display = ("happened_at", "kind_shown", "who", "network", "address_fingerprint")
    list_filter = ("kind", "happened_at")
    search_fields = ("=username",)
    search_help_text = gettext_lazy("Account name")
    fields = (("happened_at", "kind"), ("username", "name_fingerprint"), ("network", "address_fingerprint"))
    exported = ("at", "kind", "username", "name_fingerprint", "network", "address_fingerprint")
    file_name = "sign-ins"

    @display(description=gettext_lazy("what happened"), label=COLOURS)
    def kind_shown(self, row: SignIn) -> Labelled:
        """What happened, as a coloured label."""
        return Labelled(row.kind, row.get_kind_display())

    @admin.display(description=gettext_lazy("account name"))
    def who(self, row: SignIn) -> str:
        """The account, or the fingerprint of a name that no account has."""
        return row.username or _("no account (%(fingerprint)s)") % {"fingerprint": row.name_fingerprint or "–"}

    def at(self, row: SignIn) -> str:
        """The moment, as the file writes it."""
        return localtime(row.happened_at).isoformat(timespec="seconds")


@admin.register(AdminRecord)
class AdminRecordAdmin(RecordsAdmin):
    """What was added, changed, deleted and done in the admin, by whom, with the values before and after."""

    list_display = ("action_time", "user", "action_shown", "content_type", "object_repr", "told")
    list_filter = ("action_flag", ("content_type", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "content_type")
    search_fields = ("=user__username",)
    search_help_text = gettext_lazy("Account name")
    fields = (("action_time", "user"), ("action_shown", "content_type"), ("object_id", "object_repr"), "told", "values")
    readonly_fields = ("action_shown", "told", "values")
    withheld = ("user__password",)
    exported = ("at", "by", "action_shown", "kind_of_row", "object_id", "object_repr", "told", "values")
    file_name = "admin-records"

    @admin.display(description=gettext_lazy("action"))
    def action_shown(self, row: AdminRecord) -> str:
        """Whether something was added, changed or deleted; a step counts as a change."""
        return str(ACTIONS[row.action_flag])

    @admin.display(description=gettext_lazy("what was done"))
    def told(self, row: AdminRecord) -> str:
        """The sentence of the record."""
        return row.get_change_message()

    @admin.display(description=gettext_lazy("before → after"))
    def values(self, row: AdminRecord) -> str:
        """The values before and after."""
        return "; ".join(f"{name}: {before or '–'} → {after or '–'}" for name, before, after in values_of(row))

    def at(self, row: AdminRecord) -> str:
        """The moment, as the file writes it."""
        return localtime(row.action_time).isoformat(timespec="seconds")

    def by(self, row: AdminRecord) -> str:
        """The account name of the person."""
        return row.user.username

    def kind_of_row(self, row: AdminRecord) -> str:
        """The kind of row."""
        return str(row.content_type)


def values_of(row: AdminRecord) -> list[list[str]]:
    """The values of a change, one [field, before, after] each; none for a step or an addition."""
    try:
        told = json.loads(row.change_message or "[]")
    except json.JSONDecodeError:
        return []
    return [value for part in told if isinstance(part, dict) for value in part.get("changed", {}).get("values", [])]
