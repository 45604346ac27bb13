"""Publications of payouts before they are paid, and the objections against them."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from companies.datasets.sealing import is_only_resealed
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


class Triage(models.TextChoices):
    """What an officer did with an objection on first sight."""

    TAKEN_UP = "taken_up", _("taken up")
    SET_ASIDE = "set_aside", _("set aside")


class Objection(models.Model):
    """
    An objection against a publicised payout.

    What the public form sends stops no money: its contact is confirmed first, by a code, and an officer takes it up or
    sets it aside. Once it is taken up, the payout waits until another officer has decided it. What an officer records
    is taken up at once.

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
    # To count what is sent to one contact.
    contact_hash = KeyedHashField(max_length=32, default=b"", db_default=b"")
    # Of the code that was sent to the contact, until when it counts, and how many wrong ones were tried.
    code_hash = KeyedHashField(max_length=32, default=b"", db_default=b"")
    code_until = models.DateTimeField(null=True)
    wrong_codes = models.PositiveSmallIntegerField(default=0, db_default=0)
    confirmed_at = models.DateTimeField(_("contact confirmed at"), null=True)
    triage = models.CharField(
        _("on first sight"), max_length=9, choices=Triage.choices, blank=True, default="", db_default=""
    )
    triage_because = models.CharField(_("reason"), max_length=200, blank=True, default="", db_default="")
    triaged_at = models.DateTimeField(_("looked at"), null=True)
    triaged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("looked at by")
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
                condition=Q(triage="", triage_because="", triaged_at=None, triaged_by=None)
                | Q(triage=Triage.TAKEN_UP, triage_because="", triaged_at__isnull=False, triaged_by__isnull=False)
                | Q(triage=Triage.SET_ASIDE, triaged_at__isnull=False, triaged_by__isnull=False)
                & ~Q(triage_because=""),
                name="objection_is_looked_at_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(triage="") | Q(confirmed_at__isnull=False) | Q(recorded_by__isnull=False),
                name="objection_stops_money_when_it_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(is_upheld=None) | Q(triage=Triage.TAKEN_UP),
                name="objection_is_decided_when_it_is_taken_up",
            ),
            models.CheckConstraint(
                condition=Q(is_upheld=None, decided_at=None, decided_by=None, decision="")
                | Q(is_upheld__isnull=False, decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision=""),
                name="objection_is_decided_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(recorded_by=None) | ~Q(decided_by=F("recorded_by")),
                name="objection_is_decided_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("triaged_by")),
                name="objection_is_decided_by_another_than_took_it_up",
            ),
        ]
        indexes = [
            models.Index(fields=["publication"], condition=Q(is_upheld=None), name="objection_open"),
            models.Index(fields=["contact_hash", "raised_at"], name="objection_of_contact"),
            models.Index(fields=["sender_hash", "raised_at"], name="objection_of_sender"),
        ]
        triggers = [
            row_guard(
                __package__,
                "objection_is_against_a_publicised_payout",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
            ),
            row_guard(
                __package__,
                "objection_is_taken_up_while_publicised",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition="NEW.triage = 'taken_up' AND OLD.triage <> 'taken_up'",
            ),
            row_guard(
                __package__,
                "objection_is_decided_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=f"{is_only_resealed('contact_encrypted')} IS NOT TRUE",
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
