"""The admin of grants."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from payouts.ledger.admin.proposed import ProposedAdmin
from payouts.models import Grant
from qinqing.kernel.money import yuan


@admin.register(Grant)
class GrantAdmin(ProposedAdmin):
    """Grants of more money to funds, which one person proposed and another confirmed."""

    list_display = ("number", "fund_shown", "amount", "because", "proposed_by", "decided_by")
    list_select_related = ("fund__version__policy", "proposal__proposed_by", "proposal__decided_by")
    search_fields = ("fund__version__policy__code", "proposal__because__contains")
    search_help_text = gettext_lazy("The policy’s code, or what it rests on")
    fieldsets = ((None, {"fields": ("fund", "amount", "because", "proposal_shown")}),)
    readonly_fields = ("amount", "because", "proposal_shown")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """A fund's page leads to its grants."""
        return lookup == "fund__id__exact" or bool(super().lookup_allowed(lookup, value, request))

    @admin.display(description=gettext_lazy("number"), ordering="pk")
    def number(self, grant: Grant) -> str:
        """The grant's number."""
        return f"#{grant.pk}"

    @admin.display(description=gettext_lazy("fund"))
    def fund_shown(self, grant: Grant) -> str:
        """The version that the money is for."""
        return str(grant.fund.version)

    @admin.display(description=gettext_lazy("amount"), ordering="amount_cny")
    def amount(self, grant: Grant) -> str:
        """The amount of the grant."""
        return yuan(grant.amount_cny)
