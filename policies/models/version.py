"""The dated versions of a policy, their moves and their clauses."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from policies.models.promises import final_with_its_version, stamped
from policies.models.subject import IMPERSONAL, NOBODY_TO_PAY, Subject, SubjectField, subject_choices
from policies.models.window import VersionQuerySet
from policies.states import IN_FORCE, MOVES, VersionStatus
from policies.subjects import known_subjects
from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.triggers import (
    guard_against,
    guard_against_direct_writes,
    guard_against_truncate,
    row_guard,
)
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS
from qinqing.kernel.text import Bilingual

# The columns that every move of a version changes.
_STEP = ["status", "sequence", "moved_at", "moved_by_id", "moved_because"]


class Payee(models.TextChoices):
    """Whose account receives the money."""

    COMPANY = "company", _("the company")
    EMPLOYEE = "employee", _("the employee")
    THIRD_PARTY = "third_party", _("a third party, such as the utility")


class Track(models.TextChoices):
    """How a matched entitlement becomes a payout."""

    INSTANT = "instant", _("instant: one click")
    PUBLICISED = "publicised", _("publicised, then paid")
    WHITELIST = "whitelist", _("a department's list, then claimed")
    AUTOMATIC = "automatic", _("automatic: no click")


class ReminderMoment(models.TextChoices):
    """When a firm is reminded of unclaimed entitlements, relative to the version's claim window."""

    OPENING = "opening", _("when claims open")
    HALFWAY = "halfway", _("halfway")
    WEEK = "week", _("7 days before the last day")
    THREE_DAYS = "three_days", _("3 days before the last day")
    LAST_DAY = "last_day", _("on the last day")


# The subjects that a department's list can name.
LISTABLE = (Subject.COMPANY, Subject.EMPLOYEE)


class Pool(models.TextChoices):
    """Whom the version serves if the money does not suffice for everybody."""

    FIRST_COME = "first_come", _("first come, first served")
    PROPORTIONAL = "proportional", _("in proportion, when all are known")


class PolicyVersion(models.Model):
    """
    One version of a policy: its clauses, its amount, its track and its money.

    `as_of_on` is the day whose facts count; null means the day of the matching run. `period_label` is the period in
    which the policy pays once ("2023Q3"); if it is empty, the policy pays once and for all. For sales the period is
    the month. Submission writes `datasets`, `frozen_clauses` and `content_hash`. The status changes only by a move of
    `policies.states`: a trigger refuses any other change and writes the `VersionMove` from `sequence`, which counts
    the moves, and from the `moved_…` columns.
    """

    policy = models.ForeignKey(
        "policies.Policy", on_delete=models.PROTECT, related_name="versions", verbose_name=_("policy")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    status = models.CharField(_("status"), max_length=10, choices=VersionStatus.choices, default=VersionStatus.DRAFT)
    # A declared subject is called as the item of its contract, which has up to 40 characters.
    subject = SubjectField(_("pays once for"), max_length=40, choices=subject_choices, default=Subject.COMPANY)
    payee = models.CharField(_("paid to"), max_length=12, choices=Payee.choices, default=Payee.COMPANY)
    # Only if a third party is paid: the credit code of that party, such as the utility whose bill it is.
    payee_feel = models.TextField(_("third party’s credit code (FEEL)"), blank=True)
    period_label = models.CharField(_("period"), max_length=10, blank=True)
    as_of_on = models.DateField(_("facts as of"), null=True, blank=True)
    amount_feel = models.TextField(_("amount in yuan (FEEL)"))
    # Only for a proportional pool: the limit of a portion, such as the tax that was paid. Other amounts use min().
    limit_feel = models.TextField(_("a portion is at most (FEEL)"), blank=True)
    minimum_cny = MoneyField(
        _("nothing below"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    cap_cny = MoneyField(_("at most"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True)
    track = models.CharField(_("track"), max_length=12, choices=Track.choices, default=Track.INSTANT)
    pool = models.CharField(_("money goes"), max_length=12, choices=Pool.choices, default=Pool.FIRST_COME)
    publicise_days = models.PositiveSmallIntegerField(_("days of publicity"), null=True, blank=True)
    counts_working_days = models.BooleanField(_("working days count"), default=False)
    # Whether the public may read the department's list; persons' names are masked.
    list_is_public = models.BooleanField(_("the list is public"), default=False)
    reminders = ArrayField(
        models.CharField(max_length=10, choices=ReminderMoment.choices),
        verbose_name=_("reminders"),
        default=list,
        blank=True,
    )
    # The day on which a reviewed version comes into force by itself; null means at once.
    effective_on = models.DateField(_("in force from"), null=True, blank=True)
    opens_on = models.DateField(_("claims from"))
    closes_on = models.DateField(_("claims until"), null=True, blank=True)
    commitment_zh = models.TextField(_("commitment in Chinese"), blank=True)
    commitment_en = models.TextField(_("commitment in English"), blank=True)
    granted_cny = MoneyField(_("money granted"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    datasets = ArrayField(models.CharField(max_length=40), default=list, blank=True, editable=False)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    # The named clauses as they read at submission; a draft reads them from the library.
    frozen_clauses = models.JSONField(default=list, blank=True, editable=False)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("drafted by"),
    )
    # All users who wrote in the draft; none of them may publish it.
    writer_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    sequence = models.PositiveSmallIntegerField(default=0, editable=False)
    moved_at = models.DateTimeField(_("last step at"), null=True, editable=False)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    # The reason of the last move. A closed version makes no further move, so firms read here why it was closed.
    moved_because = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("submitted by"),
    )
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("published by"),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("closed by"),
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_number_once"),
            models.UniqueConstraint(
                fields=["policy"],
                condition=Q(status__in=IN_FORCE),
                name="policy_version_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["policy"], condition=Q(status=VersionStatus.SCHEDULED), name="policy_version_one_scheduled"
            ),
            models.CheckConstraint(
                condition=Q(granted_cny__gte=0),
                name="policy_version_grant_is_not_negative",
                violation_error_message=_("The money granted cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(cap_cny__gt=0) | Q(cap_cny=None),
                name="policy_version_cap_is_positive",
                violation_error_message=_("The highest amount has to be above zero."),
            ),
            models.CheckConstraint(
                condition=Q(minimum_cny__gte=0) | Q(minimum_cny=None),
                name="policy_version_minimum_is_not_negative",
                violation_error_message=_("The lowest amount cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")) | Q(closes_on=None),
                name="policy_version_window_is_ordered",
                violation_error_message=_("The last day of claims lies before the first one."),
            ),
            models.CheckConstraint(
                # `clean` asks the contracts about the declared subjects.
                condition=~Q(payee=Payee.EMPLOYEE) | ~Q(subject__in=IMPERSONAL),
                name="policy_version_pays_a_person_it_knows",
                violation_error_message=NOBODY_TO_PAY,
            ),
            models.CheckConstraint(
                condition=Q(payee=Payee.THIRD_PARTY) & ~Q(payee_feel="")
                | ~Q(payee=Payee.THIRD_PARTY) & Q(payee_feel=""),
                name="policy_version_says_which_third_party",
                violation_error_message=_("Say which third party is paid, by its credit code; nobody else has a rule."),
            ),
            models.CheckConstraint(
                condition=Q(status=VersionStatus.DRAFT)
                | (~Q(content_hash="") & Q(submitted_at__isnull=False, submitted_by__isnull=False)),
                name="policy_version_submitted_is_sealed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[VersionStatus.DRAFT, VersionStatus.SUBMITTED])
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="policy_version_published_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(effective_on__lte=F("closes_on")) | Q(effective_on=None) | Q(closes_on=None),
                name="policy_version_comes_into_force_in_its_window",
                violation_error_message=_("The last day of claims lies before the day it comes into force."),
            ),
            models.CheckConstraint(
                condition=Q(pool=Pool.PROPORTIONAL) | Q(limit_feel=""),
                name="policy_version_limit_is_for_a_pool",
                violation_error_message=_("Only a portion of a proportional pool has a limit of its own; use min()."),
            ),
            models.CheckConstraint(
                # Both days must be present, because PostgreSQL accepts a check that is null.
                condition=Q(
                    track=Track.PUBLICISED, publicise_days__isnull=False, publicise_days__gte=3, publicise_days__lte=7
                )
                | ~Q(track=Track.PUBLICISED) & Q(publicise_days=None),
                name="policy_version_publicity_has_its_days",
                violation_error_message=_("A publicised policy needs 3 to 7 days of publicity, any other none."),
            ),
            models.CheckConstraint(
                condition=~Q(track=Track.WHITELIST)
                | Q(subject__in=LISTABLE, pool=Pool.FIRST_COME, closes_on__isnull=False),
                name="policy_version_list_has_its_terms",
                violation_error_message=_(
                    "A department’s list names companies or employees, its money goes to whoever comes first,"
                    " and claims have a last day."
                ),
            ),
            models.CheckConstraint(
                condition=Q(list_is_public=False) | Q(track=Track.WHITELIST),
                name="policy_version_public_list_is_a_list",
                violation_error_message=_("Only a policy with a department’s list can show one."),
            ),
            models.CheckConstraint(
                condition=Q(reminders=[]) | Q(closes_on__isnull=False, reminders__contained_by=ReminderMoment.values),
                name="policy_version_reminders_have_a_last_day",
                violation_error_message=_("Reminders are counted to the last day of claims; give it one."),
            ),
            models.CheckConstraint(
                # The trigger checks the same for all users who wrote in the draft.
                condition=Q(published_by=None)
                | (~Q(published_by=F("submitted_by")) & (Q(drafted_by=None) | ~Q(published_by=F("drafted_by")))),
                name="policy_version_takes_two_officers",
            ),
            models.CheckConstraint(
                condition=Q(status=VersionStatus.CLOSED, closed_at__isnull=False)
                | (~Q(status=VersionStatus.CLOSED) & Q(closed_at=None)),
                name="policy_version_closed_has_its_time",
            ),
        ]
        triggers = [
            row_guard(
                __package__,
                "policy_version_is_final",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                stamped=stamped({step: [*_STEP, *move.stamps] for step, move in MOVES.items()}),
                automatic=", ".join(
                    f"('{before}', '{after}')" for (before, after), move in MOVES.items() if move.is_automatic
                ),
            ),
            row_guard(
                __package__,
                "policy_version_records_its_moves",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition="OLD.status IS DISTINCT FROM NEW.status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy.code} v{self.number}"

    def clean(self) -> None:
        """Refuse to pay the person where the subject’s contract knows none."""
        rows = known_subjects().get(self.subject)
        if self.payee == Payee.EMPLOYEE and rows and not rows.is_person:
            raise ValidationError({"payee": NOBODY_TO_PAY})

    def may_become(self, after: VersionStatus) -> bool:
        """Whether the table of moves has a step from where the version stands to this status."""
        return (VersionStatus(self.status), after) in MOVES

    @property
    def author_ids(self) -> frozenset[int]:
        """The ids of all users who wrote or submitted the version."""
        known = (self.drafted_by_id, self.submitted_by_id, *self.writer_ids)
        return frozenset(author for author in known if author is not None)


class VersionMove(models.Model):
    """One move of a version. The database writes it, appended only; `moved_by` is null if the platform moved it."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="moves", db_index=False)
    sequence = models.PositiveSmallIntegerField()
    before = models.CharField(_("before"), max_length=10, choices=VersionStatus.choices)
    after = models.CharField(_("after"), max_length=10, choices=VersionStatus.choices)
    moved_at = models.DateTimeField(_("at"))
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    moved_because = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("step of a version")
        verbose_name_plural = _("steps of a version")
        constraints = [models.UniqueConstraint(fields=["version", "sequence"], name="version_move_once_per_sequence")]
        triggers = [
            guard_against_direct_writes(
                "version_move_is_written_by_its_version", "Only the move of a version records itself."
            ),
            *guard_against(
                promise="version_move_is_kept",
                why="The steps of a version are appended only.",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class Clause(models.Model):
    """One condition in FEEL, with a title in plain words; a version requires all of its clauses."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="clauses")
    position = models.PositiveSmallIntegerField(_("position"))
    title_zh = models.CharField(_("condition in Chinese"), max_length=120)
    title_en = models.CharField(_("condition in English"), max_length=120, blank=True)
    feel = models.TextField(_("condition (FEEL)"))

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="clause_position_once")]
        triggers = [
            final_with_its_version(
                "clause_is_final", "The clauses of a policy version change only while it is a draft."
            ),
            guard_against_truncate(
                "clauses_are_kept", promise="clauses_are_kept", why="Clauses are not emptied out all at once."
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> Bilingual:
        """The condition in plain words, in both languages."""
        return Bilingual(self.title_zh, self.title_en)
