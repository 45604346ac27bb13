"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoliciesConfig(AppConfig):
    """Policies."""

    name = "policies"
    verbose_name = _("Policies")

    def ready(self) -> None:
        """Declare whose the rows of the app are."""
        from companies.people.scope import declare
        from policies.scopes import scopes

        declare(scopes())
