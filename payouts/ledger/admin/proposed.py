"""The base of admins whose rows a confirmed proposal wrote."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from payouts.recovery.admin.stepped import SteppedAdmin
from qinqing.proposals.admin import address_of


class ProposedAdmin(SteppedAdmin):
    """Rows with their `proposal`, which names the people and the reason."""

    @admin.display(description=gettext_lazy("proposal"))
    def proposal_shown(self, row: Any) -> SafeString:
        """The link to the proposal."""
        return format_html('<a class="officer-link" href="{}">{}</a>', address_of(row.proposal), row.proposal)

    @admin.display(description=gettext_lazy("reason"))
    def because(self, row: Any) -> str:
        """The reason that the proposal gave."""
        return str(row.proposal.because)

    @admin.display(description=gettext_lazy("proposed by"))
    def proposed_by(self, row: Any) -> str:
        """The person who proposed it."""
        return str(row.proposal.proposed_by)

    @admin.display(description=gettext_lazy("decided by"))
    def decided_by(self, row: Any) -> str:
        """The person who confirmed it."""
        return str(row.proposal.decided_by)
