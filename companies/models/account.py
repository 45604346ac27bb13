"""Bank accounts that subsidies are paid to."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from psycopg.sql import SQL

from companies.classifications.names import normalised
from companies.datasets.sealing import not_resealed
from qinqing.kernel.database.sealed import KeyedHashField, SealedField
from qinqing.kernel.database.triggers import change_of, guard_against_truncate, refuse_when, row_guard, set_guard
from qinqing.proposals.guards import by_proposal

_WRITTEN = (
    *("company_id", "employee_id", "third_party_id", "holder_name", "bank_name", "bank_number"),
    *("number_hash", "number_masked", "doubt"),
)
# Fixed for third parties only: a firm may later confirm, as its own, an account that a department delivered.
_MADE = ("entered_at", "entered_by_id")
_CHECK = ("checked_at", "checked_by_id")
_LIFE = (
    *("usable_from", "confirmation", "confirmed_at", "confirmed_by_id", "stopped_at", "stopped_by_id", "is_active"),
)
_REPLACED = "An account is replaced, never deleted, because payments name it."


class Doubt(models.TextChoices):
    """Why an account waits: somebody has to confirm it before money goes there."""

    HOLDER = "holder", _("The account holder is not called as the payee is registered.")
    CHANGED = "changed", _("Another account was in use before.")
    DELIVERED = "delivered", _("A department’s file names another account than the one in use.")


class Confirmation(models.TextChoices):
    """How an account was confirmed."""

    SECOND_FACTOR = "second_factor", _("by the firm, with a second factor")
    OFFICIALS = "officials", _("by two officials")


class PayeeAccount(models.Model):
    """
    A bank account of one company, of one employee or of one third party; the number is kept encrypted.

    The first account of a payee, in the payee's registered name, may be used at once: it takes money from no other
    account, and a bank sends back what is not its holder's. Every other account waits until it is confirmed, and is
    used from `usable_from` on, after a cool-off in which any member of the firm may stop it. A replaced account stays
    as an inactive row, because instructions point to it.
    """

    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, null=True, related_name="accounts")
    employee = models.ForeignKey("companies.Employee", on_delete=models.PROTECT, null=True, related_name="accounts")
    third_party = models.ForeignKey(
        "companies.ThirdParty", on_delete=models.PROTECT, null=True, related_name="accounts"
    )
    holder_name = models.CharField(_("account holder"), max_length=120)
    bank_name = models.CharField(_("bank"), max_length=120)
    bank_number = models.CharField(_("bank number"), max_length=12)
    number_encrypted = SealedField(identity="companies_account_identity(companies_payeeaccount)")
    number_hash = KeyedHashField(max_length=32)
    number_masked = models.CharField(_("account number"), max_length=34)
    entered_at = models.DateTimeField(_("entered at"), null=True)
    is_active = models.BooleanField(_("is in use"), default=True)
    # True if the payee entered this account; then no department's file replaces it.
    is_payees_word = models.BooleanField(_("was told by the payee"), default=False, db_default=False)
    # Null where a department delivered the account.
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("entered by")
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("checked by")
    )
    checked_at = models.DateTimeField(_("checked at"), null=True)
    doubt = models.CharField(
        _("why it waits"), max_length=9, choices=Doubt.choices, blank=True, default="", db_default=""
    )
    confirmation = models.CharField(
        _("confirmed"), max_length=13, choices=Confirmation.choices, blank=True, default="", db_default=""
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("confirmed by"),
    )
    # No money goes to the account before this moment; null while it waits.
    usable_from = models.DateTimeField(_("usable from"), null=True)
    stopped_at = models.DateTimeField(_("stopped at"), null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("stopped by"),
    )
    # When the members of the firm were told of the account by e-mail.
    told_at = models.DateTimeField(_("told at"), null=True)

    class Meta:
        verbose_name = _("payee account")
        verbose_name_plural = _("payee accounts")
        constraints = [
            models.CheckConstraint(
                condition=Q(company__isnull=False, employee__isnull=True, third_party__isnull=True)
                | Q(company__isnull=True, employee__isnull=False, third_party__isnull=True)
                | Q(company__isnull=True, employee__isnull=True, third_party__isnull=False),
                name="payee_account_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(bank_number__regex=r"^[0-9]{12}$"), name="payee_account_bank_number_has_form"
            ),
            models.CheckConstraint(
                condition=Q(number_masked__regex=r"^[0-9]{3}[*]{3,}[0-9]{2}$"), name="payee_account_number_is_masked"
            ),
            models.UniqueConstraint(
                fields=["company"],
                condition=Q(is_active=True, company__isnull=False),
                name="payee_account_one_active_per_company",
            ),
            models.UniqueConstraint(
                fields=["employee"],
                condition=Q(is_active=True, employee__isnull=False),
                name="payee_account_one_active_per_employee",
            ),
            models.UniqueConstraint(
                fields=["third_party"],
                condition=Q(is_active=True, third_party__isnull=False),
                name="payee_account_one_active_per_third_party",
            ),
            models.CheckConstraint(
                condition=Q(third_party=None) | Q(entered_by__isnull=False, entered_at__isnull=False),
                name="payee_account_of_third_party_has_its_maker",
            ),
            models.CheckConstraint(
                condition=Q(third_party=None)
                | Q(is_active=False)
                | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="payee_account_of_third_party_is_checked",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | Q(entered_by__isnull=False) & ~Q(checked_by=F("entered_by")),
                name="payee_account_is_checked_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(usable_from__isnull=False, stopped_at=None),
                name="payee_account_in_use_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(confirmation="", confirmed_at=None, confirmed_by=None) & (Q(usable_from=None) | Q(doubt=""))
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, usable_from__isnull=False)
                & Q(confirmation__in=Confirmation.values),
                name="payee_account_is_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(confirmation="officials") | Q(entered_by=None) | ~Q(confirmed_by=F("entered_by")),
                name="payee_account_is_confirmed_by_another_person",
            ),
            models.UniqueConstraint(
                fields=["company"],
                condition=Q(usable_from=None, stopped_at=None, company__isnull=False),
                name="payee_account_one_waiting_per_company",
            ),
            models.UniqueConstraint(
                fields=["employee"],
                condition=Q(usable_from=None, stopped_at=None, employee__isnull=False),
                name="payee_account_one_waiting_per_employee",
            ),
        ]
        indexes = [
            # The few changed accounts: those in their cool-off, and those of a burst of changes.
            models.Index(fields=["usable_from"], condition=~Q(confirmation=""), name="payee_account_changed"),
            models.Index(fields=["entered_at"], condition=~Q(doubt=""), name="payee_account_doubted"),
            models.Index(fields=["id"], condition=~Q(doubt="") & Q(told_at=None), name="payee_account_untold"),
        ]
        triggers = [
            set_guard(
                __package__,
                "payee_account_is_first_or_waits",
                operation=pgtrigger.Insert,
                holder=normalised(SQL("n.holder_name")).as_string(None),
                registered=normalised(SQL("coalesce(c.name, e.name)")).as_string(None),
            ),
            row_guard(
                __package__,
                "payee_account_is_confirmed_before_use",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=change_of(*_LIFE),
            ),
            by_proposal(
                "payee_account_takes_two_officials",
                kind="payee_account",
                condition=f"{change_of('confirmation')} AND NEW.confirmation = 'officials'"
                " AND NEW.third_party_id IS NULL",
            ),
            row_guard(
                "companies.models",
                "payee_account_is_told_by_an_acceptor",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition="NEW.is_payees_word AND NEW.company_id IS NOT NULL",
            ),
            # A number is bound to its payee and opens in no other row; this trigger keeps everything beside it, and an
            # account as the second person checked it.
            refuse_when(
                promise="payee_account_stays_as_entered",
                why="A payee gets another account; what was entered is never rewritten.",
                condition=f"{change_of(*_WRITTEN)} OR {not_resealed('number_encrypted')}"
                f" OR OLD.third_party_id IS NOT NULL AND ({change_of(*_MADE)}"
                f" OR OLD.checked_by_id IS NOT NULL AND {change_of(*_CHECK)})",
            ),
            # No payment names a third party's account before a second person has checked it, so until then that person
            # may turn the account down, which deletes it.
            refuse_when(
                promise="payee_account_is_never_deleted",
                why=_REPLACED,
                operation=pgtrigger.Delete,
                condition="OLD.third_party_id IS NULL OR OLD.checked_at IS NOT NULL",
            ),
            guard_against_truncate(
                "payee_account_is_never_deleted_whole", promise="payee_account_is_never_deleted", why=_REPLACED
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_name} {self.number_masked}"
