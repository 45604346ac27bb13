"""Publications of payouts before they are paid, and the objections against them."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from companies.datasets.sealing import is_only_resealed
from qinqing.kernel.database.immutable_rows import guard_single_decision
from qinqing.kernel.database.sealed import KeyedHashField, SealedField
from qinqing.kernel.database.triggers import guard_against, row_guard, set_guard
from qinqing.kernel.secrets import SealedColumn

CONTACT = SealedColumn("payouts_objection", "contact_encrypted")


class Publication(models.Model):
    """
    The publication of a payout on the public list, from `begins_on` to the end of `ends_on`.

    It is written with the move to “publicised”. When the publication is over, the payout is approved, unless an
    objection is open or was upheld.
    """

    payout = models.OneToOneField(
        "payouts.Payout", on_delete=models.PROTECT, related_name="publication", verbose_name=_("payout")
    )
    begins_on = models.DateField(_("publicised from"))
    ends_on = models.DateField(_("publicised until"), db_index=True)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        triggers = [
            set_guard(__package__, "publication_lasts_long_enough", operation=pgtrigger.Insert),
            *guard_against(
                promise="publication_is_kept",
                why="What was publicised is kept as it was.",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.payout_id}"


class Objection(models.Model):
    """
    An objection against a publicised payout; the payout waits until an officer has decided it.

    `contact_encrypted` serves only the officer's answer, and `sender_hash` only to count the objections from one
    address. `recorded_by` is the officer who recorded the objection; it is null if the public form sent it.
    """

    publication = models.ForeignKey(
        Publication, on_delete=models.PROTECT, related_name="objections", verbose_name=_("publication")
    )
    name = models.CharField(_("objector"), max_length=60)
    # Known before the row is written, so that the contact can be bound to it.
    reference = models.UUIDField(db_default=RandomUUID(), editable=False)
    contact_encrypted = SealedField(identity="reference::text")
    contact_masked = models.CharField(_("contact"), max_length=60)
    text = models.TextField(_("objection"), max_length=2000)
    raised_at = models.DateTimeField(_("raised at"))
    sender_hash = KeyedHashField(max_length=32, default=b"")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    is_upheld = models.BooleanField(_("upheld"), null=True)
    decision = models.CharField(_("decision"), max_length=200, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="objection_has_a_reference_of_its_own"),
            models.CheckConstraint(
                condition=Q(is_upheld=None, decided_at=None, decided_by=None, decision="")
                | Q(is_upheld__isnull=False, decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision=""),
                name="objection_is_decided_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(recorded_by=None) | ~Q(decided_by=F("recorded_by")),
                name="objection_is_decided_by_another_person",
            ),
        ]
        indexes = [
            models.Index(fields=["publication"], condition=Q(is_upheld=None), name="objection_open"),
            models.Index(fields=["sender_hash", "raised_at"], name="objection_of_sender"),
        ]
        triggers = [
            row_guard(
                __package__,
                "objection_is_against_a_publicised_payout",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
            ),
            guard_single_decision(
                "objection_is_decided_once",
                ["is_upheld", "decision", "decided_at", "decided_by_id"],
                is_open="OLD.is_upheld IS NULL",
                why="An objection is decided once and otherwise kept.",
                unless=is_only_resealed("contact_encrypted"),
            ),
            *guard_against(
                promise="objection_is_kept", why="An objection is never deleted.", operation=pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def contact(self) -> str:
        """The contact in clear, for the officer's answer."""
        return CONTACT.open(self.contact_encrypted, str(self.reference))
