"""Entitlements: the rights of firms and persons to a policy's money."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.triggers import (
    change_of,
    guard_against,
    guard_against_truncate,
    refuse_when,
    row_guard,
    set_guard,
)
from qinqing.kernel.money import DECIMAL_PLACES, LARGEST_CNY, MAX_DIGITS


class EntitlementStatus(models.TextChoices):
    """The state of an entitlement: matching updates an open one as the facts change, and never a claimed one."""

    OPEN = "open", _("can be claimed")
    CLAIMED = "claimed", _("claimed")
    LAPSED = "lapsed", _("lapsed: not claimed in time")
    WITHDRAWN = "withdrawn", _("withdrawn: the facts changed")
    SUPERSEDED = "superseded", _("superseded by another claim")


_S = EntitlementStatus
# All permitted changes of status; a trigger refuses any other.
MOVES: frozenset[tuple[EntitlementStatus, EntitlementStatus]] = frozenset(
    {
        (_S.OPEN, _S.CLAIMED),
        (_S.OPEN, _S.LAPSED),
        (_S.OPEN, _S.WITHDRAWN),
        (_S.OPEN, _S.SUPERSEDED),
        # The facts are as before.
        (_S.WITHDRAWN, _S.OPEN),
        # A later version of the policy opened another window.
        (_S.LAPSED, _S.OPEN),
        # The payout was cancelled; its window may still be open.
        (_S.CLAIMED, _S.OPEN),
        # The claim that excluded it was undone.
        (_S.SUPERSEDED, _S.OPEN),
        # Its pool was divided without it.
        (_S.SUPERSEDED, _S.WITHDRAWN),
    }
)
IDENTITY = ("policy_id", "subject_key", "period_key")
# The content of matching's decision, on which a claim rests.
DECISION = (
    "version_id",
    "company_id",
    "employee_id",
    "persons",
    "amount_cny",
    "base_cny",
    "limit_cny",
    "payee_code",
    "evidence",
    "version_hash",
    "as_of_on",
    "district",
    "decided_at",
)
_TOLD_BY_THEM = "Who has claimed is told by the entitlements alone."


def _is_no_move() -> str:
    moves = ", ".join(f"('{before}', '{after}')" for before, after in sorted(MOVES))
    return f"OLD.status IS DISTINCT FROM NEW.status AND (OLD.status, NEW.status) NOT IN ({moves})"


class Entitlement(models.Model):
    """
    One subject's right under a policy version.

    `company` claims it; `employee` is set if it is about one person. `evidence` keeps the facts behind the decision:
    `{"facts": {path: value}, "sources": {dataset: {"department", "as_of"}}}`.
    """

    # The indexes below begin with these columns, so further indexes would only slow matching down. The triggers
    # `entitlement_names_known` replace the foreign keys: they prove that the named rows exist.
    policy = models.ForeignKey(
        "policies.Policy",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("policy"),
    )
    version = models.ForeignKey(
        "policies.PolicyVersion",
        on_delete=models.PROTECT,
        related_name="entitlements",
        db_index=False,
        db_constraint=False,
        verbose_name=_("version"),
    )
    company = models.ForeignKey(
        "companies.Company",
        on_delete=models.PROTECT,
        related_name="entitlements",
        db_index=False,
        db_constraint=False,
        verbose_name=_("company"),
    )
    employee = models.ForeignKey(
        "companies.Employee",
        on_delete=models.PROTECT,
        null=True,
        related_name="entitlements",
        db_index=False,
        db_constraint=False,
        verbose_name=_("employee"),
    )
    # The persons behind the subject; no person is paid twice, under whatever subject key. Null for most subjects.
    persons = ArrayField(models.BigIntegerField(), null=True)
    subject_key = models.CharField(_("subject key"), max_length=80)
    period_key = models.CharField(_("period key"), max_length=10, blank=True)
    amount_cny = MoneyField(_("amount"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    # The amount before the proportional pool was divided; null if the pool is not proportional.
    base_cny = MoneyField(
        _("amount before division"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    # The upper limit of the portion of the pool; null if the version sets none.
    limit_cny = MoneyField(_("at most"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True)
    # The credit code of the third party that is paid; empty if the firm or the person is paid, or if it is unknown.
    payee_code = models.CharField(_("third party’s credit code"), max_length=18, blank=True, db_default="")
    evidence = models.JSONField(_("evidence"))
    version_hash = models.CharField(_("hash of the version"), max_length=64)
    as_of_on = models.DateField(_("facts as of"))
    # The district in force on the as-of date, for the statistics of the city.
    district = models.CharField(_("district"), max_length=6, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=EntitlementStatus.choices, default=EntitlementStatus.OPEN
    )
    decided_at = models.DateTimeField(pgettext_lazy("verdict", "decided at"))

    class Meta:
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "subject_key", "period_key"], name="entitlement_once_per_subject_and_period"
            ),
            models.CheckConstraint(
                # PostgreSQL's NaN is larger than any number, so only an upper bound keeps it out.
                condition=Q(amount_cny__gt=0, amount_cny__lte=LARGEST_CNY),
                name="entitlement_amount_is_positive",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "status"], name="entitlement_of_company"),
            models.Index(fields=["employee"], condition=Q(employee__isnull=False), name="entitlement_of_employee"),
            models.Index(fields=["version", "company"], condition=Q(status="open"), name="entitlement_open_of_version"),
        ]
        triggers = [
            refuse_when(
                promise="entitlement_moves_by_the_table",
                why="An entitlement changes its status by a move of the table.",
                condition=_is_no_move(),
            ),
            refuse_when(
                promise="entitlement_keeps_its_subject",
                why="Policy, subject and period of an entitlement never change.",
                condition=change_of(*IDENTITY),
            ),
            # A claim and its cancellation change the status only, not the decision.
            refuse_when(
                promise="entitlement_claimed_is_never_rewritten",
                why="A claimed entitlement is never rewritten.",
                condition=f"'claimed' IN (OLD.status, NEW.status) AND {change_of(*DECISION)}",
            ),
            # Only entitlements of a proportional pool have a base, so the trigger costs other versions nothing.
            row_guard(
                __package__,
                "entitlement_keeps_its_portion",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition="NEW.base_cny IS NOT NULL",
            ),
            set_guard(__package__, "entitlement_names_known", operation=pgtrigger.Insert),
            row_guard(
                __package__,
                "entitlement_names_known_still",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=change_of("version_id", "company_id", "employee_id"),
            ),
            # The subject key does not identify persons for good: a wedding or a divorce changes a couple's key. Only
            # entitlements that name persons run this trigger.
            row_guard(
                __package__,
                "entitlement_claims_its_persons_at_once",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                condition="NEW.persons IS NOT NULL AND NEW.status = 'claimed'",
            ),
            row_guard(
                __package__,
                "entitlement_claims_its_persons",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition="NEW.persons IS NOT NULL AND OLD.status IS DISTINCT FROM NEW.status"
                " AND 'claimed' IN (OLD.status, NEW.status)",
            ),
            *guard_against(
                promise="entitlement_is_kept",
                why="An entitlement is withdrawn, never deleted.",
                operation=pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_key} {self.period_key}".strip()


class ClaimedPerson(models.Model):
    """
    A person behind a claimed entitlement: a policy pays for a person once in a period, under whatever subject key.

    Only the triggers of entitlements write these rows.
    """

    policy = models.ForeignKey(
        "policies.Policy", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    period_key = models.CharField(max_length=10, blank=True)
    person = models.ForeignKey(
        "companies.Employee", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    entitlement = models.ForeignKey(
        Entitlement, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "period_key", "person"], name="claimed_person_once")]
        triggers = [
            refuse_when(
                promise="claimed_person_follows_its_claim",
                why=_TOLD_BY_THEM,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                condition="pg_trigger_depth() = 0",
            ),
            guard_against_truncate(
                "claimed_person_follows_its_claim_whole",
                promise="claimed_person_follows_its_claim",
                why=_TOLD_BY_THEM,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.period_key} {self.person_id}"
