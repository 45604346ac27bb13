"""The configuration of the app `payouts`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PayoutsConfig(AppConfig):
    """The app of payouts."""

    name = "payouts"
    verbose_name = _("Payouts")

    def ready(self) -> None:
        """Register the kinds of proposals that change what this app owns, and declare whose its rows are."""
        from companies.people.scope import declare
        from payouts.ledger.kinds import GRANT, SETTLEMENT
        from payouts.replies.kinds import FINDING
        from payouts.scopes import scopes
        from qinqing.proposals.kinds import register_kind

        for kind in (GRANT, SETTLEMENT, FINDING):
            register_kind(kind)
        declare(scopes())
