"""Which policies exclude each other, and how the money of a pool is divided."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.triggers import change_of, guard_against, guard_against_truncate, row_guard
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS
from qinqing.kernel.text import Bilingual


class StackingRule(models.TextChoices):
    """What a holder may receive from the policies of one group."""

    HIGHER_ONLY = "higher_only", _("only the higher one")
    FIRST_WINS = "first_wins", _("only the one claimed first")
    CAP_TOGETHER = "cap_together", _("together at most a sum")
    MAY_COEXIST = "may_coexist", _("all of them")


class Holder(models.TextChoices):
    """For whom the policies of a group exclude each other."""

    COMPANY = "company", _("one company")
    PERSON = "person", _("one person")
    SUBJECT = "subject", _("one subject, such as a loan")


class Span(models.TextChoices):
    """How long a claim counts against the other policies of its group."""

    EVER = "ever", _("for good")
    YEAR = "year", _("within a year")
    PERIOD = "period", _("within the same period")


class StackingGroup(models.Model):
    """Policies whose awards to one holder depend on each other."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    title_zh = models.CharField(_("title in Chinese"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    rule = models.CharField(_("rule"), max_length=12, choices=StackingRule.choices)
    holder = models.CharField(_("for"), max_length=8, choices=Holder.choices, default=Holder.COMPANY)
    span = models.CharField(_("counts"), max_length=6, choices=Span.choices, default=Span.EVER)
    pays_difference = models.BooleanField(_("a higher award pays the difference"), default=False)
    cap_cny = MoneyField(
        _("together at most"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )

    class Meta:
        verbose_name = _("stacking group")
        verbose_name_plural = _("stacking groups")
        constraints = [
            models.CheckConstraint(
                # The cap must be present, because PostgreSQL accepts a check that is null.
                condition=Q(rule=StackingRule.CAP_TOGETHER, cap_cny__isnull=False, cap_cny__gt=0)
                | ~Q(rule=StackingRule.CAP_TOGETHER) & Q(cap_cny=None),
                name="stacking_group_cap_goes_with_its_rule",
                violation_error_message=_("“Together at most” needs a sum above zero; the other rules have none."),
            ),
            models.CheckConstraint(
                condition=Q(pays_difference=False) | Q(rule=StackingRule.HIGHER_ONLY),
                name="stacking_group_difference_to_a_higher_one",
                violation_error_message=_("Only “the higher one” can pay a difference."),
            ),
        ]
        triggers = [
            row_guard(
                __package__,
                "stacking_group_is_held",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=change_of("rule", "holder", "span", "pays_difference"),
            ),
            row_guard(
                __package__,
                "stacking_group_takes_two_officers",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=change_of("rule", "holder", "span", "pays_difference", "cap_cny"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def title(self) -> Bilingual:
        """The title in both languages."""
        return Bilingual(self.title_zh, self.title_en)


class StackingMember(models.Model):
    """The membership of a policy in a group."""

    group = models.ForeignKey(StackingGroup, on_delete=models.CASCADE, related_name="members")
    policy = models.ForeignKey("policies.Policy", on_delete=models.PROTECT, related_name="stacking")

    class Meta:
        verbose_name = _("policy of the group")
        verbose_name_plural = _("policies of the group")
        constraints = [models.UniqueConstraint(fields=["group", "policy"], name="stacking_member_once")]
        triggers = [
            row_guard(
                __package__,
                "stacking_member_takes_two_officers",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
            ),
            guard_against_truncate(
                "stacking_members_are_not_emptied",
                promise="stacking_members_are_not_emptied",
                why="Policies leave their groups one by one.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.policy)


class StackingSeat(models.Model):
    """
    The payouts of one holder that count in a group; two claims that exclude each other lock the same row.

    `holder_key` and `period_key` come from the view `policies_stackingplace`. `policies` are the ids of the policies
    with a live payout to the holder, and `total_cny` is the sum of these payouts; the triggers that run when payouts
    open and are cancelled write both. `limit_cny` is the upper limit of the total, null for no limit.
    """

    group = models.ForeignKey(StackingGroup, on_delete=models.PROTECT, related_name="seats", db_index=False)
    holder_key = models.CharField(max_length=80)
    period_key = models.CharField(max_length=10, blank=True)
    is_exclusive = models.BooleanField(default=False)
    policies = ArrayField(models.BigIntegerField(), default=list)
    total_cny = MoneyField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=0)
    limit_cny = MoneyField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "holder_key", "period_key"], name="stacking_seat_once_per_holder"),
            models.CheckConstraint(
                condition=Q(is_exclusive=False) | Q(policies__len__lte=1), name="stacking_seat_for_one_policy"
            ),
            models.CheckConstraint(
                condition=Q(limit_cny=None) | Q(total_cny__lte=F("limit_cny")), name="stacking_seat_within_its_limit"
            ),
            models.CheckConstraint(condition=Q(total_cny__gte=0), name="stacking_seat_total_is_not_negative"),
        ]
        triggers = [
            row_guard(
                __package__,
                "stacking_seat_follows_its_payouts",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
            ),
            *guard_against(
                promise="stacking_seat_is_kept", why="A seat is given back, never deleted.", operation=pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.holder_key} {self.period_key}".strip()


class PoolDivision(models.Model):
    """
    How a proportional pool was divided: every base times `pool_cny` over `base_total_cny`, and never more.

    `divided_cny` is the sum of the portions; caps and rounding leave the rest in the fund. `divided_by` is null if the
    platform divided the pool, on the day on which claims open.
    """

    version = models.OneToOneField("policies.PolicyVersion", on_delete=models.PROTECT, related_name="division")
    divided_at = models.DateTimeField(_("divided at"))
    divided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("divided by")
    )
    base_total_cny = MoneyField(_("sum of all bases"), max_digits=20, decimal_places=DECIMAL_PLACES)
    pool_cny = MoneyField(_("money to divide"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    divided_cny = MoneyField(_("sum of all portions"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)

    class Meta:
        verbose_name = _("division of a pool")
        verbose_name_plural = _("divisions of pools")
        constraints = [
            models.CheckConstraint(condition=Q(divided_cny__lte=F("pool_cny")), name="pool_division_within_its_pool"),
            models.CheckConstraint(
                condition=Q(base_total_cny__gte=0, pool_cny__gte=0, divided_cny__gte=0),
                name="pool_division_amounts_are_not_negative",
            ),
        ]
        triggers = [
            row_guard(
                __package__,
                "pool_division_is_what_was_divided",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
            ),
            *guard_against(
                promise="pool_division_is_kept",
                why="A pool is divided once.",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return str(self.version)
