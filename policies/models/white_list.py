"""White lists: a department names firms or persons with an amount each, and may withdraw single rows."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from policies.models.promises import stamped
from policies.states import LIST_MOVES, EntryStatus, ListStatus
from qinqing.kernel.database.columns import MoneyField, money
from qinqing.kernel.database.sealed import KeyedHashField
from qinqing.kernel.database.triggers import change_of, guard_against, refuse_when, row_guard, set_guard
from qinqing.kernel.money import DECIMAL_PLACES, LARGEST_CNY

# The content of a row, which never changes; only its standing does.
_WRITTEN = ("white_list_id", "version_id", "row", "credit_code", "id_number_hash", "id_number_masked", "name",
            "amount_cny", "remark")  # fmt: skip


def _person(name: object) -> models.ForeignKey:  # type: ignore[type-arg]
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=name,  # type: ignore[arg-type]
    )


class WhiteList(models.Model):
    """
    One file of a department under a version; `sha256` is the hash of its bytes and keeps it from being uploaded twice.

    Its rows count once it is published; the person who publishes it neither uploaded nor checked it.
    """

    version = models.ForeignKey(
        "policies.PolicyVersion", on_delete=models.PROTECT, related_name="white_lists", verbose_name=_("policy version")
    )
    # A key of companies.datasets.departments.DEPARTMENTS.
    department = models.CharField(_("department"), max_length=20)
    title = models.CharField(_("title of the list"), max_length=120)
    document_number = models.CharField(_("document number"), max_length=60)
    status = models.CharField(_("status"), max_length=10, choices=ListStatus.choices, default=ListStatus.DRAFT)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    row_count = models.PositiveIntegerField(_("rows"))
    total_cny = MoneyField(_("sum"), max_digits=20, decimal_places=DECIMAL_PLACES)
    uploaded_at = models.DateTimeField(_("brought at"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("brought by")
    )
    checked_at = models.DateTimeField(_("checked at"), null=True)
    checked_by = _person(_("checked by"))
    published_at = models.DateTimeField(_("published at"), null=True)
    published_by = _person(_("published by"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = _person(_("closed by"))
    closed_because = models.CharField(_("why it was closed"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("list of a department")
        verbose_name_plural = _("lists of departments")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "sha256"], condition=~Q(status=ListStatus.CLOSED), name="white_list_once_per_content"
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(document_number="") & ~Q(department=""),
                name="white_list_names_its_document",
            ),
            models.CheckConstraint(condition=Q(row_count__gt=0, total_cny__gt=0), name="white_list_names_somebody"),
            models.CheckConstraint(
                condition=Q(checked_at=None, checked_by=None) | Q(checked_at__isnull=False, checked_by__isnull=False),
                name="white_list_is_checked_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[ListStatus.CHECKED, ListStatus.PUBLISHED]) | Q(checked_at__isnull=False),
                name="white_list_is_checked_before_it_counts",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None) & ~Q(status=ListStatus.PUBLISHED)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="white_list_published_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(published_by=None) | (~Q(published_by=F("uploaded_by")) & ~Q(published_by=F("checked_by"))),
                name="white_list_takes_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(status=ListStatus.CLOSED) & Q(closed_at=None, closed_by=None)
                | Q(status=ListStatus.CLOSED, closed_at__isnull=False, closed_by__isnull=False) & ~Q(closed_because=""),
                name="white_list_is_closed_for_a_reason",
            ),
        ]
        triggers = [
            row_guard(
                __package__,
                "white_list_is_final",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                stamped=stamped({step: ["status", *columns] for step, columns in LIST_MOVES.items()}),
            ),
            row_guard(
                __package__,
                "white_list_names_its_rows",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition="OLD.status IS DISTINCT FROM NEW.status",
            ),
            *guard_against(
                promise="white_list_is_kept", why="A list is closed, never deleted.", operation=pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.document_number})"


class WhiteListEntry(models.Model):
    """
    A row of a list: a firm by its credit code or, with the ID number's keyed hash, a person who works for it.

    `row` is the row's number in the file. Among the live rows of a version, each subject occurs once.
    """

    white_list = models.ForeignKey(
        WhiteList, on_delete=models.PROTECT, related_name="entries", verbose_name=_("list of a department")
    )
    version = models.ForeignKey("policies.PolicyVersion", on_delete=models.PROTECT, related_name="+", db_index=False)
    row = models.PositiveIntegerField(_("row"))
    credit_code = models.CharField(_("credit code"), max_length=18)
    id_number_hash = KeyedHashField(max_length=32, null=True)
    id_number_masked = models.CharField(_("ID number"), max_length=18, blank=True)
    name = models.CharField(_("name"), max_length=120)
    amount_cny = money(_("amount"))
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    standing = models.CharField(_("standing"), max_length=10, choices=EntryStatus.choices, default=EntryStatus.WAITING)

    class Meta:
        verbose_name = _("row of a list")
        verbose_name_plural = _("rows of lists")
        constraints = [
            models.UniqueConstraint(fields=["white_list", "row"], name="white_list_entry_once_per_row"),
            models.UniqueConstraint(
                fields=["white_list", "credit_code"],
                condition=Q(id_number_hash=None),
                name="white_list_entry_once_per_company",
            ),
            models.UniqueConstraint(
                fields=["white_list", "id_number_hash"],
                condition=Q(id_number_hash__isnull=False),
                name="white_list_entry_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["version", "credit_code"],
                condition=Q(id_number_hash=None, standing=EntryStatus.LIVE),
                name="white_list_entry_one_counts_per_company",
            ),
            models.UniqueConstraint(
                fields=["version", "id_number_hash"],
                condition=Q(id_number_hash__isnull=False, standing=EntryStatus.LIVE),
                name="white_list_entry_one_counts_per_person",
            ),
            models.CheckConstraint(
                # PostgreSQL's NaN is larger than any number, so only an upper bound keeps it out.
                condition=Q(amount_cny__gt=0, amount_cny__lte=LARGEST_CNY),
                name="white_list_entry_amount_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(credit_code__regex=r"^[0-9A-HJ-NP-RTUW-Y]{18}$"),
                name="white_list_entry_credit_code_has_form",
            ),
            models.CheckConstraint(
                condition=Q(id_number_hash=None, id_number_masked="")
                | Q(id_number_hash__isnull=False, id_number_masked__regex=r"^[0-9][*]{16}[0-9X]$"),
                name="white_list_entry_id_number_is_masked",
            ),
        ]
        indexes = [
            # For the pages of one version's public list; without this index a page read the lists of all versions.
            models.Index(
                fields=["version", "id"],
                condition=Q(standing__in=[EntryStatus.LIVE, EntryStatus.WITHDRAWN]),
                name="white_list_entry_shown",
            ),
        ]
        triggers = [
            set_guard(__package__, "white_list_entry_is_of_a_draft", operation=pgtrigger.Insert),
            # A trigger's condition is cheap, as it calls no function; publishing updates every row of a long list.
            refuse_when(
                promise="white_list_entry_is_final",
                why="A row of a list is never rewritten.",
                condition=f"pg_trigger_depth() = 0 OR {change_of(*_WRITTEN)}",
            ),
            *guard_against(
                promise="white_list_entry_is_kept",
                why="A row of a list is never deleted.",
                operation=pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id_number_masked or self.credit_code}"


class WhiteListWithdrawal(models.Model):
    """
    The withdrawal of one row of a published list, with its reason; appended only.

    An entitlement that was claimed on the row stays as it is; a post-check looks at its payout instead.
    """

    entry = models.OneToOneField(
        WhiteListEntry, on_delete=models.PROTECT, related_name="withdrawal", verbose_name=_("row of a list")
    )
    because = models.CharField(_("reason"), max_length=300)
    withdrawn_at = models.DateTimeField(_("withdrawn at"))
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("withdrawn by")
    )

    class Meta:
        verbose_name = _("withdrawal from a list")
        verbose_name_plural = _("withdrawals from lists")
        constraints = [models.CheckConstraint(condition=~Q(because=""), name="white_list_withdrawal_has_a_reason")]
        triggers = [
            row_guard(
                __package__,
                "white_list_withdrawal_is_of_a_named_one",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
            ),
            row_guard(
                __package__,
                "white_list_withdrawal_takes_its_row",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
            ),
            *guard_against(
                promise="white_list_withdrawal_is_kept",
                why="A withdrawal is appended only.",
                operation=pgtrigger.Update | pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return self.because
