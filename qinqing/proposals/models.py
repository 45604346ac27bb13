"""The model of proposals."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qinqing.kernel.database.immutable_rows import guard_against_deletion, guard_single_decision
from qinqing.kernel.database.triggers import row_guard

_DECISION = ["decision", "decided_at", "decided_by_id", "decided_in"]
_CONFIRMED = "OLD.decision = '' AND NEW.decision = 'confirmed'"


def _is_not_excluded(person: str) -> IsNull:
    found = Func(F("excluded_ids"), F(person), function="array_position", output_field=models.IntegerField())
    return IsNull(found, True)  # noqa: FBT003 - the lookup's own signature


class Proposal(models.Model):
    """
    A change that one person proposes; when another confirms it, the database carries it out.

    `kind` names what changes (see `kinds`), `subject_id` the row. The database writes `before` when the proposal is
    entered; it may hold more than `after` changes, for whoever decides. An `after` of null deletes the subject.
    """

    class Decision(models.TextChoices):
        """The decision of the second person."""

        CONFIRMED = "confirmed", pgettext_lazy("proposal", "confirmed")
        TURNED_DOWN = "turned_down", _("turned down")

    kind = models.CharField(_("what changes"), max_length=40)
    subject_id = models.BigIntegerField(_("number of the row"))
    # The name stays readable when the subject is deleted.
    subject_name = models.CharField(_("about"), max_length=200)
    # Proposals about one subject that share a slot wait for each other: only one of them is open.
    slot = models.CharField(max_length=64, blank=True)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), null=True)
    because = models.CharField(_("reason"), max_length=300)
    document_number = models.CharField(_("document number"), max_length=80, blank=True)
    # Persons who had a hand in what is decided, such as the maker of a batch; they neither propose nor confirm.
    excluded_ids = ArrayField(models.BigIntegerField(), default=list)
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    decision = models.CharField(_("decision"), max_length=12, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    # The database's transaction that carried it out; guards of other tables let this one pass.
    decided_in = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.CheckConstraint(condition=~Q(because=""), name="proposal_has_its_reason"),
            models.UniqueConstraint(
                fields=["kind", "subject_id", "slot"], condition=Q(decision=""), name="proposal_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_by=None)
                | Q(decision__in=["confirmed", "turned_down"], decided_at__isnull=False, decided_by__isnull=False),
                name="proposal_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                # Whoever proposed a change may turn it down, but not confirm it.
                condition=~Q(decision="confirmed") | ~Q(decided_by=F("proposed_by")),
                name="proposal_is_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(_is_not_excluded("proposed_by")), name="proposal_is_made_by_somebody_not_concerned"
            ),
            models.CheckConstraint(
                condition=~Q(decision="confirmed") | Q(_is_not_excluded("decided_by")),
                name="proposal_is_confirmed_by_somebody_not_concerned",
            ),
        ]
        indexes = [models.Index(fields=["kind", "subject_id"], name="proposal_by_subject")]
        triggers = [
            row_guard(__package__, "proposal_is_entered_open", when=pgtrigger.Before, operation=pgtrigger.Insert),
            guard_single_decision("proposal_is_decided_once", _DECISION, is_open="OLD.decision = ''"),
            row_guard(
                __package__,
                "proposal_is_of_today",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=_CONFIRMED,
            ),
            row_guard(
                __package__,
                "proposal_is_carried_out",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=_CONFIRMED,
            ),
            *guard_against_deletion("proposal_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_name} #{self.pk}"
