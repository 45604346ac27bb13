"""Recovery of money: demands, repayments, appeals, and the blacklist of firms that broke a commitment by fraud."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qinqing.kernel.database.columns import money
from qinqing.kernel.database.immutable_rows import guard_against_deletion, guard_append_only, guard_single_decision
from qinqing.kernel.database.triggers import Guard, change_of, row_guard, set_guard
from qinqing.kernel.money import LARGEST_CNY
from qinqing.proposals.guards import by_proposal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from companies.models import User

SMALLEST_FINE, LARGEST_FINE = 10, 50
APPEALS_PER_RECOVERY = 3
# Three years, one of which may be a leap year; the proposal's own check counts years.
LONGEST_BAN_DAYS = 1096
# What a confirmed fine changes of its demand.
FINED = ("fine_percentage", "fine_cny", "due_on")
_ONLY_FINED = "to_jsonb(OLD) - {0} = to_jsonb(NEW) - {0} AND OLD.ended_as = ''".format(f"ARRAY{list(FINED)}")


def _before_insert(name: str) -> Guard:
    return row_guard(__package__, name, when=pgtrigger.Before, operation=pgtrigger.Insert)


def _before_update(name: str) -> Guard:
    return row_guard(__package__, name, when=pgtrigger.Before, operation=pgtrigger.Update)


def _person(name: StrOrPromise) -> models.ForeignKey[User, User]:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=name)


def _person_later(name: StrOrPromise) -> models.ForeignKey[User | None, User | None]:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=name
    )


class Recovery(models.Model):
    """
    A demand to repay a payout whose check found a breach; a fine of 10 to 50 % is added by a confirmed proposal.

    The demand ends when all of it is repaid, when an appeal is upheld, or by itself when the bank returns the payment.
    The fine goes to the treasury and not into the fund.
    """

    class End(models.TextChoices):
        """How the demand ended."""

        REPAID = "repaid", _("repaid")
        WITHDRAWN = "withdrawn", _("withdrawn")
        CAME_BACK = "came_back", _("sent back by the bank")

    check_found = models.OneToOneField(
        "payouts.PostCheck", on_delete=models.PROTECT, related_name="recovery", verbose_name=_("post-check")
    )
    payout = models.ForeignKey(
        "payouts.Payout", on_delete=models.PROTECT, related_name="recoveries", verbose_name=_("payout")
    )
    amount_cny = money(_("amount demanded"))
    fine_percentage = models.PositiveSmallIntegerField(_("fine (%)"), default=0)
    fine_cny = money(_("fine"))
    because = models.CharField(_("reason"), max_length=200)
    due_on = models.DateField(_("to be repaid by"))
    demanded_at = models.DateTimeField(_("demanded at"))
    demanded_by = _person(_("demanded by"))
    ended_as = models.CharField(_("ended"), max_length=10, choices=End.choices, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = _person_later(_("ended by"))

    class Meta:
        verbose_name = _("recovery")
        verbose_name_plural = _("recoveries")
        constraints = [
            models.UniqueConstraint(
                fields=["payout"], condition=~Q(ended_as__in=["withdrawn", "came_back"]), name="recovery_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_cny__gt=0, amount_cny__lte=LARGEST_CNY), name="recovery_amount_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(fine_percentage=0)
                | Q(fine_percentage__gte=SMALLEST_FINE, fine_percentage__lte=LARGEST_FINE),
                name="recovery_fine_is_10_to_50_percent",
            ),
            models.CheckConstraint(
                condition=Q(fine_cny=Round(F("amount_cny") * F("fine_percentage") / 100, precision=2)),
                name="recovery_fine_is_its_percentage",
            ),
            models.CheckConstraint(condition=~Q(because=""), name="recovery_has_a_reason"),
            models.CheckConstraint(
                # If the bank returns the payment, the platform ends the demand, so no person is named.
                condition=Q(ended_as="", ended_at=None, ended_by=None)
                | Q(ended_as="came_back", ended_at__isnull=False, ended_by=None)
                | ~Q(ended_as__in=["", "came_back"]) & Q(ended_at__isnull=False, ended_by__isnull=False),
                name="recovery_is_ended_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None) | ~Q(ended_by=F("demanded_by")), name="recovery_is_ended_by_another_person"
            ),
        ]
        triggers = [
            _before_insert("recovery_follows_a_breach"),
            _before_insert("recovery_is_demanded_by_another_person"),
            guard_single_decision(
                "recovery_ends_once",
                ["ended_as", "ended_at", "ended_by_id"],
                is_open="OLD.ended_as = ''",
                unless=f"({_ONLY_FINED})",
            ),
            by_proposal(
                "recovery_enters_without_a_fine",
                kind="fine",
                operation=pgtrigger.Insert,
                condition="NEW.fine_percentage <> 0 OR NEW.fine_cny <> 0",
            ),
            by_proposal("recovery_is_fined_by_two", kind="fine", columns=FINED),
            row_guard(
                __package__,
                "recovery_ends_when_it_is_repaid",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition="OLD.ended_as <> NEW.ended_as",
            ),
            _before_update("recovery_is_not_ended_by_who_took_the_money"),
            *guard_against_deletion("recovery_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Repayment(models.Model):
    """
    A repayment of a demand or of a part of it; it pays off the payout first, and then the fine.

    A negative repayment was paid back to the firm. The database posts the principal into the fund. Appended only.
    """

    recovery = models.ForeignKey(
        Recovery, on_delete=models.PROTECT, related_name="repayments", verbose_name=_("recovery")
    )
    principal_cny = money(_("towards the payout"))
    fine_cny = money(_("towards the fine"))
    received_on = models.DateField(_("received on"))
    # The reference on the bank's statement; it is unique, so that no line of a statement is recorded twice.
    bank_reference = models.CharField(_("bank reference"), max_length=35, unique=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = _person(_("recorded by"))

    class Meta:
        verbose_name = _("repayment")
        verbose_name_plural = _("repayments")
        constraints = [
            models.CheckConstraint(
                condition=Q(principal_cny__gte=0, fine_cny__gte=0) & (Q(principal_cny__gt=0) | Q(fine_cny__gt=0))
                | Q(principal_cny__lte=0, fine_cny__lte=0) & (Q(principal_cny__lt=0) | Q(fine_cny__lt=0)),
                name="repayment_is_an_amount",
            ),
            models.CheckConstraint(condition=~Q(bank_reference=""), name="repayment_has_its_reference"),
        ]
        triggers = [
            row_guard(__package__, "repayment_keeps_to_its_demand", when=pgtrigger.After, operation=pgtrigger.Insert),
            set_guard(__package__, "repayment_is_told_to_matching", operation=pgtrigger.Insert),
            *guard_append_only("repayment_is_kept"),
        ]

    def __str__(self) -> str:
        return self.bank_reference


class Appeal(models.Model):
    """A firm's appeal against a demand; an officer who had no part in the demand decides it."""

    recovery = models.ForeignKey(Recovery, on_delete=models.PROTECT, related_name="appeals", verbose_name=_("recovery"))
    text = models.TextField(_("appeal"), max_length=2000)
    filed_at = models.DateTimeField(_("filed at"))
    filed_by = _person(_("filed by"))
    is_upheld = models.BooleanField(_("upheld"), null=True)
    decision = models.CharField(_("decision"), max_length=200, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = _person_later(_("decided by"))

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints = [
            models.UniqueConstraint(fields=["recovery"], condition=Q(is_upheld=None), name="appeal_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(is_upheld=None, decided_at=None, decided_by=None, decision="")
                | Q(is_upheld__isnull=False, decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision=""),
                name="appeal_is_decided_by_somebody_for_a_reason",
            ),
        ]
        triggers = [
            _before_insert("appeal_is_against_an_open_demand"),
            guard_single_decision(
                "appeal_is_decided_once",
                ["is_upheld", "decision", "decided_at", "decided_by_id"],
                is_open="OLD.is_upheld IS NULL",
            ),
            _before_update("appeal_is_decided_by_another_person"),
            *guard_against_deletion("appeal_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Blacklisting(models.Model):
    """
    A blacklist entry: the firm broke a commitment by fraud, and may claim nothing for three years at most.

    A confirmed proposal writes it; another one lifts it before its time, or an appeal that is upheld. Entries from
    before proposals were needed have none.
    """

    company = models.ForeignKey(
        "companies.Company", on_delete=models.PROTECT, related_name="blacklistings", verbose_name=_("company")
    )
    recovery = models.OneToOneField(
        Recovery, on_delete=models.PROTECT, related_name="blacklisting", verbose_name=_("recovery")
    )
    begins_on = models.DateField(pgettext_lazy("day", "from"))
    ends_on = models.DateField(_("until"))
    listed_by = _person(_("listed by"))
    lifted_at = models.DateTimeField(_("lifted at"), null=True)
    lifted_by = _person_later(_("lifted by"))
    lifted_because = models.CharField(_("why it was lifted"), max_length=200, blank=True)
    proposal = models.OneToOneField(
        "proposals.Proposal", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("proposal")
    )

    class Meta:
        verbose_name = _("firm that may not claim")
        verbose_name_plural = _("firms that may not claim")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("begins_on")), name="blacklisting_has_an_end"),
            models.CheckConstraint(
                condition=Q(ends_on__lte=F("begins_on") + dt.timedelta(days=LONGEST_BAN_DAYS)),
                name="blacklisting_lasts_three_years_at_most",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lifted_because="")
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_because=""),
                name="blacklisting_is_lifted_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by=None) | ~Q(lifted_by=F("listed_by")),
                name="blacklisting_is_lifted_by_another_person",
            ),
        ]
        triggers = [
            _before_insert("blacklisting_is_of_its_firm"),
            by_proposal(
                "blacklisting_takes_two_people", kind="ban", operation=pgtrigger.Insert, subject="NEW.recovery_id"
            ),
            row_guard(
                __package__,
                "blacklisting_is_lifted_by_two",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=change_of("lifted_at", "lifted_by_id", "lifted_because"),
            ),
            guard_single_decision(
                "blacklisting_is_lifted_once",
                ["lifted_at", "lifted_by_id", "lifted_because"],
                is_open="OLD.lifted_at IS NULL",
            ),
            *guard_against_deletion("blacklisting_is_kept"),
            row_guard(
                __package__,
                "blacklisted_is_told_to_matching",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company}"
