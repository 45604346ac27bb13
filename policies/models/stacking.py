"""Which policies exclude each other, and how the money of a pool is divided."""

# ruff: noqa: S608 - what is put into these statements are texts of our own.
from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from policies.models.promises import any_changed
from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.triggers import Guard, kept, refuse
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


# A live payout of another policy keeps its seat; under another rule nobody could say what it excludes.
GROUP_IS_HELD = Guard(
    name="stacking_group_is_held",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(any_changed("rule", "holder", "span", "pays_difference")),
    func=f"""
        IF EXISTS (SELECT FROM policies_stackingseat WHERE group_id = OLD.id AND policies <> '{{}}') THEN
            {refuse("stacking_group_is_held", "A group that something was claimed under keeps its rule.")}
        END IF;
        RETURN NEW;
    """,
)


def _bound(group: str, policy: str) -> str:
    """SQL: whether a policy, or one of a group's, has a version that was ever brought into force."""
    return f"""EXISTS (
        SELECT FROM policies_policyversion v WHERE v.status NOT IN ('draft', 'submitted') AND (
            v.policy_id = {policy}
            OR v.policy_id IN (SELECT policy_id FROM policies_stackingmember WHERE group_id IN {group})
        )
    )"""


# A cap that is raised, or a policy that leaves, opens what the group had shut out, and the platform pays it. Where a
# group binds somebody only a confirmed proposal changes it, whose own trigger comes deeper.
GROUP_TAKES_TWO_OFFICERS = Guard(
    name="stacking_group_takes_two_officers",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(any_changed("rule", "holder", "span", "pays_difference", "cap_cny")),
    func=f"""
        IF pg_trigger_depth() = 1 AND {_bound("(OLD.id)", "NULL")} THEN
            {refuse("stacking_group_takes_two_officers", "Another officer confirms what becomes of this group.")}
        END IF;
        RETURN NEW;
    """,
)

MEMBER_TAKES_TWO_OFFICERS = [
    Guard(
        name="stacking_member_takes_two_officers",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            -- Who confirms a proposal holds the group, too, and finds it as it will stay.
            PERFORM FROM policies_stackinggroup WHERE id IN (OLD.group_id, NEW.group_id) FOR NO KEY UPDATE;
            IF pg_trigger_depth() = 1 AND {_bound("(OLD.group_id, NEW.group_id)", "NEW.policy_id")} THEN
                {refuse("stacking_member_takes_two_officers", "Another officer confirms who is in this group.")}
            END IF;
            IF TG_OP = 'DELETE' THEN
                RETURN OLD;
            END IF;
            RETURN NEW;
        """,
    ),
    Guard(
        name="stacking_members_are_not_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=refuse("stacking_members_are_not_emptied", "Policies leave their groups one by one."),
    ),
]

SEAT_FOLLOWS_ITS_PAYOUTS = Guard(
    name="stacking_seat_follows_its_payouts",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func=f"""
        IF pg_trigger_depth() = 1 AND (TG_OP = 'UPDATE' OR NEW.policies <> '{{}}' OR NEW.total_cny <> 0) THEN
            {refuse("stacking_seat_follows_its_payouts", "A seat is taken by a payout and by nothing else.")}
        END IF;
        RETURN NEW;
    """,
)


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
                # A comparison with a missing sum is null, and PostgreSQL lets that pass.
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
        triggers = [GROUP_IS_HELD, GROUP_TAKES_TWO_OFFICERS]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def title(self) -> Bilingual:
        """The title in both languages."""
        return Bilingual(self.title_zh, self.title_en)


class StackingMember(models.Model):
    """A policy of a group."""

    group = models.ForeignKey(StackingGroup, on_delete=models.CASCADE, related_name="members")
    policy = models.ForeignKey("policies.Policy", on_delete=models.PROTECT, related_name="stacking")

    class Meta:
        verbose_name = _("policy of the group")
        verbose_name_plural = _("policies of the group")
        constraints = [models.UniqueConstraint(fields=["group", "policy"], name="stacking_member_once")]
        triggers = MEMBER_TAKES_TWO_OFFICERS

    def __str__(self) -> str:
        return str(self.policy)


class StackingSeat(models.Model):
    """
    What one holder has from a group: the row that two claims meet at.

    `holder_key` and `period_key` are those of `policies.stacking.places.HOLDERS`. `policies` are the ids of the
    policies with a live payout to the holder, `total_cny` the sum of these payouts; both are written by the trigger
    that sees the payouts open and be cancelled. `limit_cny` is what the total may come to, null for no limit.
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
            SEAT_FOLLOWS_ITS_PAYOUTS,
            *kept(
                promise="stacking_seat_is_kept", why="A seat is given back, never deleted.", operation=pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.holder_key} {self.period_key}".strip()


POOL_IS_NOT_EXCEEDED = Guard(
    name="pool_division_is_what_was_divided",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func=f"""
        IF (
            SELECT coalesce(sum(amount_cny), 0) FROM policies_entitlement
            WHERE version_id = NEW.version_id AND status = 'open'
        ) <> NEW.divided_cny THEN
            {refuse("pool_division_is_what_was_divided", "A division says what the portions come to.")}
        END IF;
        RETURN NEW;
    """,
)


class PoolDivision(models.Model):
    """
    How a proportional pool was divided: every base times `pool_cny` over `base_total_cny`, and never more.

    `divided_cny` is what the portions come to; caps and parts of a fen leave the rest in the fund. Without `divided_by`
    the platform did it on the day that claims open.
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
            POOL_IS_NOT_EXCEEDED,
            *kept(
                promise="pool_division_is_kept",
                why="A pool is divided once.",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return str(self.version)
