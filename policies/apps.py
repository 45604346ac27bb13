"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoliciesConfig(AppConfig):
    """Policies."""

    name = "policies"
    verbose_name = _("Policies")

    def ready(self) -> None:
        """Register the kinds of proposals about what this app owns, whose its rows are, and what relies on datasets."""
        from companies.contracts.change import register_reliance
        from companies.people.scope import declare
        from policies.authoring.dataset_reliance import list_reliances
        from policies.authoring.kinds import BREAKER_TERMS, SUSPENSION
        from policies.groups.kind import STACKING_GROUP
        from policies.scopes import scopes
        from qinqing.proposals.kinds import register_kind

        for kind in (STACKING_GROUP, BREAKER_TERMS, SUSPENSION):
            register_kind(kind)
        declare(scopes())
        register_reliance(list_reliances)
