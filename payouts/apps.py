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
        from payouts.batches.kinds import BATCH_LAYOUT, FUND_BANK
        from payouts.batches.terms.kinds import BANK_ACCOUNT, BANK_TEMPLATE, REPLY_TEMPLATE
        from payouts.exceptions.kind import RETRY_AFTER_FILE
        from payouts.ledger.kinds import GRANT, SETTLEMENT
        from payouts.recovery.kinds import BAN, FINE, FRAUD, LIFT_BAN
        from payouts.replies.file_kinds import APPLY_REPLY_FILE, MATCH_REPLY_LINE
        from payouts.replies.kinds import FINDING
        from payouts.scopes import scopes
        from qinqing.proposals.kinds import register_kind

        of_files = (APPLY_REPLY_FILE, MATCH_REPLY_LINE, RETRY_AFTER_FILE, BATCH_LAYOUT)
        of_banks = (FUND_BANK, BANK_ACCOUNT, BANK_TEMPLATE, REPLY_TEMPLATE)
        of_penalties = (FRAUD, FINE, BAN, LIFT_BAN)
        for kind in (GRANT, SETTLEMENT, FINDING, *of_banks, *of_files, *of_penalties):
            register_kind(kind)
        declare(scopes())
