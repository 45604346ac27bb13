"""The click and the obligations it opens."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from payouts.states import Status
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS


class Claim(models.Model):
    """A company's acceptance of entitlements, with the hash of the commitment it signed."""

    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, related_name="claims")
    claimed_at = models.DateTimeField(_("claimed at"))
    # Null for the automatic track, where nobody clicks.
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    commitment = models.TextField(blank=True)
    commitment_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        indexes = [models.Index(fields=["company", "-id"], name="claim_of_company")]

    def __str__(self) -> str:
        return f"{self.company_id} {self.claimed_at}"


class Payout(models.Model):
    """
    The one obligation to pay an entitlement.

    Its status only ever changes by a move of `payouts.states`; a trigger of the database refuses any other
    and writes the `Transition` from the `moved_…` columns and the `Posting` from the table of moves.
    `sequence` counts the moves.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="payouts")
    entitlement = models.ForeignKey("policies.Entitlement", on_delete=models.PROTECT, related_name="payouts")
    policy = models.ForeignKey("policies.Policy", on_delete=models.PROTECT, related_name="+")
    fund = models.ForeignKey("payouts.Fund", on_delete=models.PROTECT, related_name="payouts")
    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, related_name="payouts")
    employee = models.ForeignKey("companies.Employee", on_delete=models.PROTECT, null=True, related_name="payouts")
    account = models.ForeignKey("companies.PayeeAccount", on_delete=models.PROTECT, related_name="payouts")
    district = models.CharField(_("district"), max_length=6, blank=True)
    amount_cny = models.DecimalField(_("amount"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    status = FSMField(_("status"), choices=Status.choices, default=Status.REQUESTED, protected=True, max_length=12)
    sequence = models.PositiveSmallIntegerField(default=0)
    moved_at = models.DateTimeField(_("last move at"))
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    moved_as = models.CharField(max_length=8)
    moved_because = models.CharField(_("reason"), max_length=200, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"))
    paid_at = models.DateTimeField(_("paid at"), null=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            # The promise the whole system rests on: one entitlement, one payout.
            models.UniqueConstraint(
                fields=["entitlement"], condition=~Q(status=Status.CANCELLED), name="payout_once_per_entitlement"
            ),
            models.CheckConstraint(condition=Q(amount_cny__gt=0), name="payout_amount_is_positive"),
        ]
        indexes = [
            models.Index(fields=["company", "-id"], name="payout_of_company"),
            models.Index(fields=["id"], condition=Q(status=Status.APPROVED), name="payout_due_to_send"),
            models.Index(
                fields=["id"], condition=Q(status__in=[Status.SENT, Status.IN_DOUBT]), name="payout_due_to_ask"
            ),
            models.Index(fields=["fund", "id"], condition=Q(status=Status.WAITLISTED), name="payout_due_for_money"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"
