"""Who acts for which company, in which role, by whose word, and what changed about it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.immutable_rows import guard_against_deletion, guard_append_only, guard_single_decision
from qinqing.kernel.database.triggers import row_guard
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS

SHA256_DIGITS = 64


class FirmRole(models.TextChoices):
    """What a person may do for a company; `companies.people.permissions` says which acts belong to each."""

    ACCEPTOR = "acceptor", pgettext_lazy("role in a firm", "acceptor")
    PREPARER = "preparer", pgettext_lazy("role in a firm", "preparer")
    VIEWER = "viewer", pgettext_lazy("role in a firm", "viewer")


class Capacity(models.TextChoices):
    """What the city's identity says that a person is to a company; empty if it says nothing."""

    REPRESENTATIVE = "representative", _("legal representative")
    AUTHORISED = "authorised", _("authorised person")


class Membership(models.Model):
    """One person's right to act for one company, in one role."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    company = models.ForeignKey(
        "companies.Company", on_delete=models.CASCADE, related_name="memberships", verbose_name=_("company")
    )
    # Whoever acted for a company before there were roles may sign.
    role = models.CharField(
        _("role"),
        max_length=8,
        choices=FirmRole.choices,
        default=FirmRole.ACCEPTOR,
        db_default=FirmRole.ACCEPTOR,
    )
    # An acceptor's claims of one day open payouts of at most so much; null: without a limit.
    day_limit_cny = MoneyField(
        _("limit for a day"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    # A membership by the city's identity ends when the identity no longer says so.
    capacity = models.CharField(
        _("by the city’s identity"), max_length=14, choices=Capacity.choices, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "company"], name="membership_once_per_company"),
            models.UniqueConstraint(
                fields=["company"],
                condition=Q(capacity=Capacity.REPRESENTATIVE),
                name="membership_one_representative_per_company",
            ),
            models.CheckConstraint(condition=Q(role__in=FirmRole.values), name="membership_has_a_known_role"),
            models.CheckConstraint(
                condition=~Q(capacity=Capacity.REPRESENTATIVE) | Q(role=FirmRole.ACCEPTOR, day_limit_cny=None),
                name="membership_of_representative_signs_without_limit",
            ),
            models.CheckConstraint(
                condition=Q(day_limit_cny=None) | Q(role=FirmRole.ACCEPTOR, day_limit_cny__gt=0),
                name="membership_limit_is_an_acceptors",
            ),
        ]
        # Each click asks whether its signer has a limit; few have one.
        indexes = [
            models.Index(
                fields=["user", "company"], condition=Q(day_limit_cny__isnull=False), name="membership_with_a_limit"
            ),
        ]
        triggers = [
            row_guard(
                "companies.models",
                "membership_by_identity_is_of_an_authorised_firm",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition="NEW.capacity <> ''",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.company}"


class MembershipChange(models.Model):
    """A change of who acts for a company, which all its members see."""

    class Kind(models.TextChoices):
        """What happened."""

        BOUND = "bound", _("bound the firm as its legal representative")
        JOINED = "joined", _("joined by the city’s identity")
        INVITED = "invited", _("invited somebody")
        ACCEPTED = "accepted", _("accepted an invitation")
        REVOKED = "revoked", _("revoked an invitation")
        CHANGED = "changed", _("got another role")
        REMOVED = "removed", _("was removed")
        LEFT = "left", _("left")
        ENDED = "ended", _("left, because the city’s identity no longer names the firm")

    company = models.ForeignKey(
        "companies.Company", on_delete=models.PROTECT, related_name="membership_changes", db_index=False
    )
    kind = models.CharField(_("what happened"), max_length=8, choices=Kind.choices)
    # The person to whom it happened, and the one who did it.
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(_("role"), max_length=8, choices=FirmRole.choices, blank=True)
    day_limit_cny = MoneyField(_("limit for a day"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    changed_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("change of a membership")
        verbose_name_plural = _("changes of memberships")
        indexes = [models.Index(fields=["company", "-id"], name="membership_change_of_company")]
        triggers = guard_append_only("membership_change_is_kept")

    def __str__(self) -> str:
        return f"{self.company_id} {self.kind}"


class Invitation(models.Model):
    """An invitation to act for a company, taken up by its link once; of the link's token only the hash is kept."""

    class End(models.TextChoices):
        """How an invitation ended."""

        ACCEPTED = "accepted", _("accepted")
        REVOKED = "revoked", _("revoked")

    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, related_name="invitations")
    invited_name = models.CharField(_("name"), max_length=60)
    role = models.CharField(_("role"), max_length=8, choices=FirmRole.choices)
    day_limit_cny = MoneyField(
        _("limit for a day"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    token_sha256 = models.CharField(max_length=SHA256_DIGITS)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("expires at"))
    ended_as = models.CharField(_("outcome"), max_length=8, choices=End.choices, blank=True, default="")
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(fields=["token_sha256"], name="invitation_token_once"),
            models.CheckConstraint(
                condition=Q(ended_as="", ended_at=None, ended_by=None)
                | ~Q(ended_as="") & Q(ended_at__isnull=False, ended_by__isnull=False),
                name="invitation_is_ended_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(ended_as="accepted") | Q(ended_at__lt=models.F("expires_at")),
                name="invitation_is_accepted_in_time",
            ),
            models.CheckConstraint(
                condition=~Q(ended_as="accepted") | ~Q(ended_by=models.F("invited_by")),
                name="invitation_is_accepted_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(day_limit_cny=None) | Q(role=FirmRole.ACCEPTOR, day_limit_cny__gt=0),
                name="invitation_limit_is_an_acceptors",
            ),
        ]
        triggers = [
            row_guard(
                "companies.models",
                "invitation_is_by_an_acceptor",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
            ),
            guard_single_decision(
                "invitation_is_ended_once", ("ended_as", "ended_at", "ended_by_id"), is_open="OLD.ended_as = ''"
            ),
            *guard_against_deletion("invitation_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.invited_name} · {self.company}"


class DataAuthorisation(models.Model):
    """A firm's consent that departments' data about it is used, as its representative gave it."""

    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, related_name="data_authorisations")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("text"))
    text_sha256 = models.CharField(_("its SHA-256"), max_length=SHA256_DIGITS)
    authorised_at = models.DateTimeField(_("authorised at"))

    class Meta:
        verbose_name = _("authorisation of data use")
        verbose_name_plural = _("authorisations of data use")
        triggers = [
            row_guard(
                "companies.models",
                "data_authorisation_has_its_hash",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
            ),
            *guard_append_only("data_authorisation_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.company_id} {self.authorised_at}"
