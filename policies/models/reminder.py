"""Reminders of firms: the portal shows these rows, and letters and text messages are written from them."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from policies.models.version import ReminderMoment
from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.triggers import guard_against
from qinqing.kernel.money import DECIMAL_PLACES


class ReminderReason(models.TextChoices):
    """Why the firm does not have its money yet."""

    UNCLAIMED = "unclaimed", _("it can be claimed")
    ACCOUNT = "account", _("no account is known")
    FACTS = "facts", _("facts are missing")


class ReminderRound(models.Model):
    """One moment at which a version reminds all firms with something unclaimed; a round is carried out once."""

    version = models.ForeignKey(
        "policies.PolicyVersion", on_delete=models.PROTECT, related_name="reminder_rounds", verbose_name=_("version")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    moment = models.CharField(_("when"), max_length=10, choices=ReminderMoment.choices)
    due_on = models.DateField(_("due on"))
    done_at = models.DateTimeField(_("done at"))
    # Null if the round was skipped because a later one was due too: no firm gets two reminders at once.
    reminded_count = models.PositiveIntegerField(_("firms reminded"), null=True)

    class Meta:
        verbose_name = _("round of reminders")
        verbose_name_plural = _("rounds of reminders")
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="reminder_round_once")]
        triggers = guard_against(
            promise="reminder_round_is_kept", why="A round is done once.", operation=pgtrigger.Update | pgtrigger.Delete
        )

    def __str__(self) -> str:
        return f"{self.version_id} #{self.number}"


class Reminder(models.Model):
    """
    One firm's reminder of one round.

    `open_count` entitlements worth `open_cny` are unclaimed; `waiting_count` of them wait for an account. `missing`
    names the datasets without a row about a firm whose facts are missing.
    """

    version = models.ForeignKey(
        "policies.PolicyVersion",
        on_delete=models.PROTECT,
        related_name="reminders_sent",
        db_index=False,
        verbose_name=_("version"),
    )
    company = models.ForeignKey(
        "companies.Company", on_delete=models.PROTECT, related_name="reminders", verbose_name=_("company")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    due_on = models.DateField(_("due on"))
    reason = models.CharField(_("reason"), max_length=10, choices=ReminderReason.choices)
    open_count = models.PositiveIntegerField(_("entitlements"), default=0)
    open_cny = MoneyField(_("amount"), max_digits=20, decimal_places=DECIMAL_PLACES, default=0)
    waiting_count = models.PositiveIntegerField(_("of them without an account"), default=0)
    missing = ArrayField(models.CharField(max_length=40), verbose_name=_("missing data"), default=list, blank=True)
    reminded_at = models.DateTimeField(_("reminded at"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(fields=["version", "company", "number"], name="reminder_once_per_round"),
            models.CheckConstraint(
                condition=Q(reason=ReminderReason.FACTS, open_count=0, open_cny=0, waiting_count=0)
                | ~Q(reason=ReminderReason.FACTS) & Q(open_count__gt=0, open_cny__gt=0),
                name="reminder_says_of_what",
            ),
        ]
        triggers = guard_against(
            promise="reminder_is_kept",
            why="A reminder is appended only.",
            operation=pgtrigger.Update | pgtrigger.Delete,
        )

    def __str__(self) -> str:
        return f"#{self.number} {self.get_reason_display()}"
