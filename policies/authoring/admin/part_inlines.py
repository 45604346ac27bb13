"""The parts of a version on its page: an officer can edit them in a draft, and only read them later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import StackedInline

from policies.authoring.admin.forms import ClauseForm, ClauseFormSet
from policies.authoring.admin.part_forms import (
    ExampleForm,
    ExampleFormSet,
    ParameterForm,
    PartFormSet,
    TableForm,
    TableFormSet,
)
from policies.explain.value_names import choices_of
from policies.models import Clause, DecisionTable, Example, Parameter, PolicyVersion, VersionStatus
from policies.subjects import catalogue_of
from policies.trial.fact_table import rows_from_facts


def is_draft(version: PolicyVersion | None) -> bool:
    """Whether officers can edit the version; a version that does not exist yet counts as a draft."""
    return version is None or version.status == VersionStatus.DRAFT


def render_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> SafeString:
    """Render rows as a table with headers."""
    head = format_html_join("", '<th scope="col">{}</th>', ((header,) for header in headers))
    body = format_html_join(
        "", "<tr>{}</tr>", ((format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows)
    )
    return format_html('<table class="officer-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>', head, body)


class ClauseInline(StackedInline):
    """The conditions of a version; all of them have to hold."""

    model = Clause
    form = ClauseForm
    formset = ClauseFormSet
    ordering = ("position",)
    extra = 0
    readonly_fields = ("rule",)

    @admin.display(description=gettext_lazy("condition (FEEL)"))
    def rule(self, clause: Clause) -> SafeString:
        """The text of the rule, for reading."""
        return format_html('<code class="feel">{}</code>', clause.feel)

    def get_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[str, ...]:
        """The fields that can be edited in a draft, and are only shown later."""
        last = ("feel", "place") if is_draft(obj) else ("rule",)
        return ("title_zh", "title_en", *last)


class ParameterInline(StackedInline):
    """Numbers that differ by district or date."""

    model = Parameter
    form = ParameterForm
    formset = PartFormSet
    ordering = ("name",)
    extra = 0
    readonly_fields = ("shown_values",)

    @admin.display(description=gettext_lazy("values"))
    def shown_values(self, parameter: Parameter) -> SafeString:
        """The values, for reading."""
        names = choices_of(group="company", fact="district")
        rows = [
            (
                names.get(value.district, value.district) or _("everywhere"),
                date_format(value.valid_from) if value.valid_from else _("always"),
                number_format(value.value.normalize(), force_grouping=True),
            )
            for value in parameter.values.order_by("district", "valid_from", "pk")
        ]
        return render_table((_("district"), _("valid from"), _("value")), rows)

    def get_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[object, ...]:
        """The fields that can be edited in a draft, and are only shown later."""
        return (("name", "name_zh"), ("name_en", "unit"), "values" if is_draft(obj) else "shown_values")


class TableInline(StackedInline):
    """Tables of tiers."""

    model = DecisionTable
    form = TableForm
    formset = TableFormSet
    ordering = ("name",)
    extra = 0
    readonly_fields = ("shown_rows",)

    @admin.display(description=gettext_lazy("tiers"))
    def shown_rows(self, table: DecisionTable) -> SafeString:
        """The tiers, for reading, below the inputs of their columns."""
        heads = [f"{column['label_zh']} {column['feel']}".strip() for column in table.inputs]
        return render_table((*heads, _("result (FEEL)")), [(*row["cells"], row["output"]) for row in table.rows])

    def get_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[object, ...]:
        """The fields that can be edited in a draft, and are only shown later."""
        last = ("inputs", "rows") if is_draft(obj) else ("shown_rows",)
        return (("name", "name_zh"), ("name_en", "hit_policy"), *last)


class ExampleInline(StackedInline):
    """Facts of an invented firm or person, and the verdict that its author expects."""

    model = Example
    form = ExampleForm
    formset = ExampleFormSet
    ordering = ("position",)
    extra = 0
    readonly_fields = ("shown_facts",)

    @admin.display(description=gettext_lazy("facts"))
    def shown_facts(self, example: Example) -> SafeString:
        """The facts, for reading."""
        known = catalogue_of(example.version.subject)
        rows = rows_from_facts(facts=example.facts, catalogue=known)
        return render_table((_("fact"), _("record no."), _("value")), rows)

    def get_fields(self, request: HttpRequest, obj: PolicyVersion | None = None) -> tuple[object, ...]:
        """The fields that can be edited in a draft, and are only shown later."""
        return ("title", ("expected_verdict", "expected_cny"), "made_up" if is_draft(obj) else "shown_facts")
