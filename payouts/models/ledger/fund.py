"""Funds of policy versions, the postings between their accounts, and alarms."""

from __future__ import annotations

from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payouts.states import ACCOUNT_WORDS, Account
from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.immutable_rows import guard_append_only
from qinqing.kernel.database.triggers import change_of, guard_against, row_guard, set_guard
from qinqing.kernel.money import DECIMAL_PLACES, LARGEST_CNY, MAX_DIGITS
from qinqing.proposals.guards import by_proposal


def _balance(name: str) -> models.DecimalField[Decimal | int, Decimal]:
    return MoneyField(name, max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=0)


class Fund(models.Model):
    """
    The money of one policy version.

    The balances are the sums of the postings; the database updates them with each posting. At any instant
    granted = available + reserved + disbursed − recovered.
    """

    version = models.OneToOneField(
        "policies.PolicyVersion", on_delete=models.PROTECT, related_name="fund", verbose_name=_("policy version")
    )
    # Null for a fund that is paid through the bank interface of the settings.
    bank = models.ForeignKey(
        "payouts.Bank",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="funds",
        verbose_name=_("paying bank"),
    )
    granted_cny = _balance("granted")
    available_cny = _balance("available")
    reserved_cny = _balance("reserved")
    disbursed_cny = _balance("disbursed")
    recovered_cny = _balance("recovered")

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        constraints = [
            models.CheckConstraint(condition=Q(granted_cny__gte=0), name="fund_granted_is_not_negative"),
            models.CheckConstraint(condition=Q(available_cny__gte=0), name="fund_available_is_not_negative"),
            models.CheckConstraint(condition=Q(reserved_cny__gte=0), name="fund_reserved_is_not_negative"),
            models.CheckConstraint(condition=Q(disbursed_cny__gte=0), name="fund_disbursed_is_not_negative"),
            models.CheckConstraint(condition=Q(recovered_cny__gte=0), name="fund_recovered_is_not_negative"),
            models.CheckConstraint(
                condition=Q(
                    granted_cny=F("available_cny") + F("reserved_cny") + F("disbursed_cny") - F("recovered_cny")
                ),
                name="fund_is_balanced",
            ),
        ]
        triggers = [
            row_guard(__package__, "fund_opens_empty", when=pgtrigger.Before, operation=pgtrigger.Insert),
            row_guard(__package__, "fund_follows_its_postings", when=pgtrigger.Before, operation=pgtrigger.Update),
            row_guard(
                __package__,
                "fund_stays_with_its_bank",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=change_of("bank_id"),
            ),
            # PostgreSQL calls guards in the order of their names: the one above says first what is in the way.
            by_proposal("fund_takes_two_to_change_its_bank", kind="fund_bank", columns=["bank_id"]),
            *guard_against(promise="fund_is_kept", why="A fund is never deleted.", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return str(self.version)


def _of_repayment(**sides: Account) -> Q:
    return Q(payout__isnull=True, repayment__isnull=False, grant__isnull=True, **sides)


class Posting(models.Model):
    """
    A transfer between two accounts of a fund; one row holds debit and credit, so it always balances.

    A posting names its payout, its repayment or its grant; the opening grant of a version names none. Appended only.
    """

    # Not checked by foreign keys: triggers write postings from existing rows, and `posting_moves_money` refuses others.
    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="postings", db_constraint=False, verbose_name=_("fund")
    )
    payout = models.ForeignKey(
        "payouts.Payout",
        on_delete=models.PROTECT,
        null=True,
        related_name="postings",
        db_index=False,
        db_constraint=False,
        verbose_name=_("payout"),
    )
    repayment = models.OneToOneField(
        "payouts.Repayment", on_delete=models.PROTECT, null=True, related_name="posting", verbose_name=_("repayment")
    )
    # Null for the opening grant, which a version has from its publication.
    grant = models.OneToOneField(
        "payouts.Grant", on_delete=models.PROTECT, null=True, related_name="posting", verbose_name=_("grant")
    )
    # The sequence number of the payout's move that this transfer belongs to.
    sequence = models.PositiveSmallIntegerField(_("step"), null=True)
    debit = models.CharField(_("from"), max_length=10, choices=[(a.value, words) for a, words in ACCOUNT_WORDS.items()])
    credit = models.CharField(_("to"), max_length=10, choices=[(a.value, words) for a, words in ACCOUNT_WORDS.items()])
    amount_cny = MoneyField(_("amount"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    posted_at = models.DateTimeField(_("at"))
    # The person who approved the grant or recorded the repayment; the transition of a move names its person.
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("posted by"),
    )

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(fields=["payout", "sequence"], name="posting_once_per_move"),
            models.UniqueConstraint(
                fields=["fund"],
                condition=Q(payout=None, repayment=None, grant=None),
                name="posting_of_what_was_published_once",
            ),
            models.CheckConstraint(
                # PostgreSQL's NaN is larger than any number, so only an upper bound keeps it out.
                condition=Q(amount_cny__gt=0, amount_cny__lte=LARGEST_CNY),
                name="posting_amount_is_positive",
            ),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="posting_has_two_sides"),
            models.CheckConstraint(
                condition=Q(payout__isnull=True, sequence__isnull=True)
                | Q(payout__isnull=False, sequence__isnull=False),
                name="posting_names_its_move",
            ),
            models.CheckConstraint(
                condition=Q(payout__isnull=False, repayment__isnull=True, grant__isnull=True)
                | Q(payout__isnull=True, repayment__isnull=True, debit=Account.GRANTED, credit=Account.AVAILABLE)
                | _of_repayment(debit=Account.RECOVERED, credit=Account.AVAILABLE)
                | _of_repayment(debit=Account.AVAILABLE, credit=Account.RECOVERED),
                name="posting_without_a_move_is_a_grant",
            ),
        ]
        triggers = [
            set_guard(__package__, "posting_moves_money", operation=pgtrigger.Insert),
            set_guard(__package__, "posting_splits_by_shares", operation=pgtrigger.Insert),
            *guard_against(
                promise="posting_is_kept",
                why="Postings are appended only.",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_debit_display()} → {self.get_credit_display()} {self.amount_cny}"


class FundAlarm(models.Model):
    """An alarm that 80 or 95 % of a fund is claimed, raised once for each total of grants. Appended only."""

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="alarms", verbose_name=_("fund"))
    percentage = models.PositiveSmallIntegerField(_("claimed (%)"))
    granted_cny = _balance("granted")
    available_cny = _balance("available")
    raised_at = models.DateTimeField(_("raised at"))

    class Meta:
        verbose_name = _("fund alarm")
        verbose_name_plural = _("fund alarms")
        constraints = [
            models.UniqueConstraint(fields=["fund", "percentage", "granted_cny"], name="fund_alarm_once"),
            models.CheckConstraint(
                condition=Q(available_cny__lte=F("granted_cny") * (100 - F("percentage")) / 100),
                name="fund_alarm_is_true",
            ),
            models.CheckConstraint(
                condition=Q(granted_cny__gte=0, available_cny__gte=0), name="fund_alarm_amounts_are_not_negative"
            ),
        ]
        triggers = guard_append_only("fund_alarm_is_kept")

    def __str__(self) -> str:
        return f"{self.percentage} %"
