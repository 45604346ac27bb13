"""Which policies exclude each other, and how the money of a pool is divided."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

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


class StackingGroup(models.Model):
    """Policies whose awards to one holder depend on each other."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    title_zh = models.CharField(_("title in Chinese"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    rule = models.CharField(_("rule"), max_length=12, choices=StackingRule.choices)
    holder = models.CharField(_("for"), max_length=8, choices=Holder.choices, default=Holder.COMPANY)
    pays_difference = models.BooleanField(_("a higher award pays the difference"), default=False)
    cap_cny = models.DecimalField(
        _("together at most"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )

    class Meta:
        verbose_name = _("stacking group")
        verbose_name_plural = _("stacking groups")
        constraints = [
            models.CheckConstraint(
                condition=Q(rule=StackingRule.CAP_TOGETHER, cap_cny__gt=0)
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

    def __str__(self) -> str:
        return str(self.policy)


class PoolDivision(models.Model):
    """How a proportional pool was divided: every base times `pool_cny` over `base_total_cny`, and never more."""

    version = models.OneToOneField("policies.PolicyVersion", on_delete=models.PROTECT, related_name="division")
    divided_at = models.DateTimeField(_("divided at"))
    base_total_cny = models.DecimalField(_("sum of all bases"), max_digits=20, decimal_places=DECIMAL_PLACES)
    pool_cny = models.DecimalField(_("money to divide"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)

    class Meta:
        verbose_name = _("division of a pool")
        verbose_name_plural = _("divisions of pools")

    def __str__(self) -> str:
        return str(self.version)
