"""The entitlements that matching decided, for reading."""

from __future__ import annotations

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from policies.explain.evidence import shown_facts
from policies.models import Entitlement
from qinqing.kernel.admin.keyset import KeysetLists
from qinqing.kernel.admin.read_only import ReadingAdmin


@admin.register(Entitlement)
class EntitlementAdmin(KeysetLists, ReadingAdmin):
    """The entitlements, each with the evidence on which it rests."""

    list_display = ("policy_code", "company", "subject_key", "period_key", "amount_cny", "status", "decided_at")
    list_filter = ("status", "policy")
    list_select_related = ("policy", "company")
    search_fields = ("=id", "=company__credit_code")
    search_help_text = _("Number or credit code")
    fields = (
        "version",
        "company",
        "employee",
        ("subject_key", "period_key"),
        ("amount_cny", "status"),
        ("as_of_on", "decided_at"),
        "district",
        "facts",
        "version_hash",
    )
    readonly_fields = ("facts",)

    @admin.display(description=_("policy"), ordering="policy__code")
    def policy_code(self, entitlement: Entitlement) -> str:
        """The policy's code."""
        return entitlement.policy.code

    @admin.display(description=_("facts"))
    def facts(self, entitlement: Entitlement) -> SafeString:
        """The facts on which the decision rests, each with its department and its day."""
        shown = shown_facts(evidence=entitlement.evidence, subject=entitlement.version.subject)
        rows = format_html_join(
            "",
            '<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>',
            (
                (fact.label, fact.value, fact.department, date_format(fact.as_of_on) if fact.as_of_on else "")
                for fact in shown
            ),
        )
        return format_html(
            '<div class="officer-scroll" tabindex="0"><table class="officer-table">{}</table></div>', rows
        )
