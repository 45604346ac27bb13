"""Shares of the levels of government in a version's money, and settlements with the level that paid in advance."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payouts.states import ACCOUNT_WORDS
from policies.models.promises import final_with_its_version
from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.immutable_rows import guard_append_only
from qinqing.kernel.database.triggers import guard_against, guard_against_direct_writes
from qinqing.kernel.money import DECIMAL_PLACES, LARGEST_CNY, MAX_DIGITS
from qinqing.proposals.guards import by_proposal

_FOLLOWS = "Shares follow the postings, and nothing else."


class Level(models.TextChoices):
    """The levels of government that share costs."""

    PROVINCE = "province", _("province")
    CITY = "city", _("city")
    DISTRICT = "district", _("district")


class Share(models.Model):
    """
    One level's part of a version's money, as a ratio: 1 : 3, 60 : 40, or 1 : 0.5 for a top-up.

    Parts are relative to each other, so together they always make the whole. The shares of a district replace the
    shares for everywhere. The advance payer is the level that pays everything first; the others owe it their parts.
    """

    version = models.ForeignKey(
        "policies.PolicyVersion", on_delete=models.PROTECT, related_name="shares", verbose_name=_("policy version")
    )
    district = models.CharField(_("district (empty: everywhere)"), max_length=6, blank=True)
    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    parts = models.DecimalField(_("parts"), max_digits=9, decimal_places=4)
    is_advance_payer = models.BooleanField(_("pays all of it first"), default=False)

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "district", "level"],
                name="share_once_per_level",
                violation_error_message=_("This level has a share of the version already."),
            ),
            models.UniqueConstraint(
                fields=["version", "district"],
                condition=Q(is_advance_payer=True),
                name="share_one_advance_payer",
                violation_error_message=_("Only one level pays all of it first."),
            ),
            models.CheckConstraint(
                condition=Q(parts__gt=0, parts__lte=10_000),
                name="share_parts_are_positive",
                violation_error_message=_("The parts are a number above 0 and at most 10,000."),
            ),
        ]
        triggers = [final_with_its_version("share_is_final", "Shares change only while their version is a draft.")]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.parts.normalize():f}"


class SharePosting(models.Model):
    """One level's part of a posting; the database writes it with the posting, appended only."""

    posting = models.ForeignKey("payouts.Posting", on_delete=models.PROTECT, related_name="parts")
    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    district = models.CharField(_("district"), max_length=6, blank=True)
    amount_cny = MoneyField(_("amount"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)

    class Meta:
        verbose_name = _("part of a posting")
        verbose_name_plural = _("parts of postings")
        constraints = [
            models.UniqueConstraint(fields=["posting", "level"], name="share_posting_once_per_level"),
            models.CheckConstraint(condition=Q(amount_cny__gte=0), name="share_posting_is_not_negative"),
        ]
        triggers = [
            guard_against_direct_writes("share_posting_is_written_by_the_posting", _FOLLOWS),
            *guard_append_only("share_posting_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.posting_id} {self.level} {self.amount_cny}"


def _balance(account: str) -> models.DecimalField:  # type: ignore[type-arg]
    words = {each.value: text for each, text in ACCOUNT_WORDS.items()}
    return MoneyField(words[account], max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=0)


class ShareBalance(models.Model):
    """One level's part of the reserved, paid and recovered money of a fund, for the firms of one district."""

    fund = models.ForeignKey(
        "payouts.Fund", on_delete=models.PROTECT, related_name="share_balances", verbose_name=_("fund")
    )
    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    district = models.CharField(_("district"), max_length=6, blank=True)
    reserved_cny = _balance("reserved")
    disbursed_cny = _balance("disbursed")
    recovered_cny = _balance("recovered")

    class Meta:
        verbose_name = _("balance of a share")
        verbose_name_plural = _("balances of shares")
        constraints = [
            models.UniqueConstraint(fields=["fund", "level", "district"], name="share_balance_once"),
            models.CheckConstraint(
                condition=Q(reserved_cny__gte=0, disbursed_cny__gte=0, recovered_cny__gte=0),
                name="share_balance_is_not_negative",
            ),
        ]
        triggers = [
            guard_against_direct_writes(
                "share_balance_follows_its_postings", _FOLLOWS, on=pgtrigger.Insert | pgtrigger.Update
            ),
            *guard_against(
                promise="share_balance_is_kept", why="A balance is never deleted.", operation=pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fund_id} {self.level} {self.district}"


class Settlement(models.Model):
    """
    A payment between two levels for a fund and a district, which two clerks confirmed. Appended only.

    Either a level pays the advance payer its part, or the advance payer pays back a settled part whose money was
    recovered since. The amount exceeds the debt neither when it is proposed nor when it is confirmed.
    """

    fund = models.ForeignKey(
        "payouts.Fund", on_delete=models.PROTECT, related_name="settlements", verbose_name=_("fund")
    )
    district = models.CharField(_("district"), max_length=6, blank=True)
    debtor = models.CharField(pgettext_lazy("level", "from"), max_length=8, choices=Level.choices)
    creditor = models.CharField(pgettext_lazy("level", "to"), max_length=8, choices=Level.choices)
    amount_cny = MoneyField(_("amount"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    reference = models.CharField(_("voucher"), max_length=40)
    settled_on = models.DateField(_("settled on"))
    proposal = models.OneToOneField(
        "proposals.Proposal", on_delete=models.PROTECT, related_name="+", verbose_name=_("proposal")
    )

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="settlement_voucher_once"),
            models.CheckConstraint(
                condition=Q(amount_cny__gt=0, amount_cny__lte=LARGEST_CNY), name="settlement_amount_is_positive"
            ),
            models.CheckConstraint(condition=~Q(debtor=F("creditor")), name="settlement_has_two_sides"),
            models.CheckConstraint(condition=~Q(reference=""), name="settlement_has_its_voucher"),
        ]
        triggers = [
            by_proposal(
                "settlement_takes_two_people", kind="settlement", operation=pgtrigger.Insert, subject="NEW.fund_id"
            ),
            *guard_append_only("settlement_is_kept"),
        ]

    def __str__(self) -> str:
        return self.reference
