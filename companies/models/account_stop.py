"""Stops of changed accounts: while one is open, no money goes to an account that was changed since then."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.immutable_rows import guard_against_deletion
from qinqing.kernel.database.triggers import change_of
from qinqing.proposals.guards import by_proposal


class AccountStop(models.Model):
    """
    The platform saw too many changed accounts, or one number for several payees; two officials lift the stop.

    Accounts whose cool-off was not over when it began wait until it is lifted. All others are paid as before.
    """

    class Kind(models.TextChoices):
        """What the platform saw."""

        BURST = "burst", _("many changed accounts within an hour")
        SHARED = "shared", _("one new account number for several payees")

    kind = models.CharField(_("what was seen"), max_length=6, choices=Kind.choices)
    account_count = models.PositiveIntegerField(_("accounts"))
    stopped_at = models.DateTimeField(_("stopped at"))
    lifted_at = models.DateTimeField(_("lifted at"), null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("lifted by")
    )

    class Meta:
        verbose_name = _("stop of changed accounts")
        verbose_name_plural = _("stops of changed accounts")
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(lifted_at=None), name="account_stop_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="account_stop_is_lifted_by_somebody",
            ),
        ]
        triggers = [
            by_proposal(
                "account_stop_is_lifted_by_two",
                kind="account_stop",
                condition=change_of("kind", "account_count", "stopped_at", "lifted_at", "lifted_by_id"),
            ),
            *guard_against_deletion("account_stop_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_kind_display()}"
