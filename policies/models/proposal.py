"""Proposals to change a stacking group in use: one officer proposes the change, another confirms it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qinqing.kernel.database.immutable_rows import guard_against_deletion, guard_single_decision
from qinqing.kernel.database.triggers import row_guard

_DECISION = ["decision", "decided_at", "decided_by_id"]
_CONFIRMED = "OLD.decision = '' AND NEW.decision = 'confirmed'"


class GroupProposal(models.Model):
    """
    A change of a stacking group that one officer proposes; when another confirms it, the database carries it out.

    `before` and `after` hold the group's rule, holder, span, pays_difference, cap_cny (yuan, as text) and policies (ids
    in order). The database writes `before`; an `after` of null deletes the group. The row stays when the group is
    deleted, so it keeps the group's code.
    """

    class Decision(models.TextChoices):
        """The decision of the second officer."""

        CONFIRMED = "confirmed", pgettext_lazy("proposal", "confirmed")
        TURNED_DOWN = "turned_down", _("turned down")

    group = models.ForeignKey(
        "policies.StackingGroup",
        # The row stays when the group is deleted.
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="proposals",
        verbose_name=_("stacking group"),
    )
    code = models.CharField(_("code"), max_length=20)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), null=True)
    because = models.CharField(_("reason"), max_length=300)
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    decision = models.CharField(_("decision"), max_length=12, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("proposal for a stacking group")
        verbose_name_plural = _("proposals for stacking groups")
        constraints = [
            models.CheckConstraint(condition=~Q(because=""), name="group_proposal_has_its_reason"),
            models.UniqueConstraint(fields=["group"], condition=Q(decision=""), name="group_proposal_one_waits"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_by=None)
                | Q(decision__in=["confirmed", "turned_down"], decided_at__isnull=False, decided_by__isnull=False),
                name="group_proposal_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                # The officer who entered a proposal may turn it down, but not confirm it.
                condition=~Q(decision="confirmed") | ~Q(decided_by=F("entered_by")),
                name="group_proposal_is_confirmed_by_another",
            ),
        ]
        triggers = [
            row_guard(
                __package__,
                "group_proposal_is_entered_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
            ),
            guard_single_decision("group_proposal_is_decided_once", _DECISION, is_open="OLD.decision = ''"),
            row_guard(
                __package__,
                "group_proposal_is_of_today",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=_CONFIRMED,
            ),
            row_guard(
                __package__,
                "group_proposal_is_carried_out",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=_CONFIRMED,
            ),
            *guard_against_deletion("group_proposal_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.code} #{self.pk}"
