"""The configuration of the app `payouts`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PayoutsConfig(AppConfig):
    """The app of payouts."""

    name = "payouts"
    verbose_name = _("Payouts")

    def ready(self) -> None:
        """Declare whose the rows of the app are."""
        from companies.people.scope import declare
        from payouts.scopes import scopes

        declare(scopes())
