"""Claims, and the payouts that they open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin

from payouts.states import MOVES, SETTLED, Role, Status, may, sources
from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.database.triggers import guard_against, set_guard
from qinqing.kernel.machines import declare_transition
from qinqing.kernel.money import DECIMAL_PLACES, LARGEST_CNY, MAX_DIGITS

# Few payouts have one of these statuses at a time.
SELDOM = (
    *(Status.WAITLISTED, Status.PUBLICISED, Status.IN_DOUBT, Status.FAILED, Status.RETURNED),
    *(Status.RECOVERING, Status.RECOVERED, Status.CANCELLED),
)


class Claim(models.Model):
    """A company's claim of entitlements, with the hash of the commitment that it signed."""

    company = models.ForeignKey(
        "companies.Company", on_delete=models.PROTECT, related_name="claims", db_index=False, verbose_name=_("company")
    )
    claimed_at = models.DateTimeField(_("claimed at"))
    # Null on the automatic track, where the platform claims.
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("claimed by")
    )
    commitment = models.TextField(_("commitment"), blank=True)
    commitment_hash = models.CharField(_("its SHA-256"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.CheckConstraint(
                condition=Q(commitment="", commitment_hash="") | ~Q(commitment="") & ~Q(commitment_hash=""),
                name="claim_commitment_has_its_hash",
            ),
        ]
        indexes = [models.Index(fields=["company", "-id"], name="claim_of_company")]
        triggers = guard_against(
            promise="claim_is_kept",
            why="A claim is kept as it was signed.",
            operation=pgtrigger.Update | pgtrigger.Delete,
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


def _moves() -> str:
    """The table of moves as SQL rows: before, after, role."""
    return _rows((before, after, role) for (before, after), move in MOVES.items() for role in sorted(move.roles))


def _transfers() -> str:
    """The transfers of the moves as SQL rows: before, after, debit, credit."""
    return _rows((before, after, *move.transfer) for (before, after), move in MOVES.items() if move.transfer)


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    return ",\n        ".join("(" + ", ".join(f"'{value}'" for value in row) + ")" for row in rows)


def _transition(name: str, after: Status) -> Callable[[Payout], None]:
    """Declare the transition to `after`, as the table of moves says."""

    def permits(before: str, role: str) -> bool:
        return may(before=Status(before), after=after, role=Role(role))

    return declare_transition(name, before=sources(after), after=after, permits=permits)


def paid_at(*, before: Status, after: Status, now: datetime, so_far: datetime | None) -> datetime | None:
    """The payout's `paid_at` after the move."""
    if after not in SETTLED:
        return None
    return so_far if before in SETTLED else now


class Payout(FSMModelMixin, models.Model):
    """
    The obligation to pay an entitlement; an entitlement has one.

    Only a move of `payouts.states` changes the status: a trigger of the database refuses any other change, and writes
    the `Transition` from the `moved_…` columns and the `Posting` from the table of moves. `sequence` counts the moves.
    `payouts.ledger.move.move` moves sets of payouts, after it asked the state machine that the transitions below
    declare.
    """

    # Foreign keys would look up seven rows for each payout, and again after each move. The guard
    # `payout_opens_requested` replaces them: it compares the columns with the named rows, which cannot be deleted.
    claim = models.ForeignKey(
        Claim, on_delete=models.PROTECT, related_name="payouts", db_constraint=False, verbose_name=_("claim")
    )
    # A move updates all indexes of the row, so a column has none if another index answers the same searches.
    entitlement = models.ForeignKey(
        "policies.Entitlement",
        on_delete=models.PROTECT,
        related_name="payouts",
        db_index=False,
        db_constraint=False,
        verbose_name=_("entitlement"),
    )
    policy = models.ForeignKey(
        "policies.Policy", on_delete=models.PROTECT, related_name="+", db_constraint=False, verbose_name=_("policy")
    )
    fund = models.ForeignKey(
        "payouts.Fund",
        on_delete=models.PROTECT,
        related_name="payouts",
        db_index=False,
        db_constraint=False,
        verbose_name=_("fund"),
    )
    company = models.ForeignKey(
        "companies.Company",
        on_delete=models.PROTECT,
        related_name="payouts",
        db_index=False,
        db_constraint=False,
        verbose_name=_("company"),
    )
    employee = models.ForeignKey(
        "companies.Employee",
        on_delete=models.PROTECT,
        null=True,
        related_name="payouts",
        db_index=False,
        db_constraint=False,
        verbose_name=_("employee"),
    )
    account = models.ForeignKey(
        "companies.PayeeAccount",
        on_delete=models.PROTECT,
        related_name="payouts",
        db_constraint=False,
        verbose_name=_("account"),
    )
    district = models.CharField(_("district"), max_length=6, blank=True)
    amount_cny = MoneyField(_("amount"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    status = FSMField(_("status"), choices=Status.choices, default=Status.REQUESTED, protected=True, max_length=12)
    sequence = models.PositiveSmallIntegerField(default=0)
    moved_at = models.DateTimeField(_("last move at"))
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    moved_as = models.CharField(max_length=8)
    moved_because = models.CharField(_("reason"), max_length=200, blank=True)
    # The reply that caused the last move, if one did.
    moved_reply = models.ForeignKey(
        "payouts.Reply", on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    claimed_at = models.DateTimeField(_("claimed at"))
    # True if a person clicked, who may be waiting for the money: such payouts have their own lane to the bank.
    is_clicked = models.BooleanField(default=False, db_default=False)
    paid_at = models.DateTimeField(_("paid at"), null=True)
    leased_until = models.DateTimeField(null=True)
    # The bank paid the payout after its cancellation; its entitlement may have another payout by then.
    was_paid_cancelled = models.BooleanField(_("paid though cancelled"), default=False, db_default=False)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            # The promise on which the whole system rests: one entitlement, one payout. A payout that the bank paid
            # although it had been cancelled does not count here, so it may exist beside the one payout.
            models.UniqueConstraint(
                "entitlement",
                Case(When(was_paid_cancelled=True, then="id"), default=0),
                condition=~Q(status=Status.CANCELLED),
                name="payout_once_per_entitlement",
            ),
            models.CheckConstraint(
                # PostgreSQL's NaN is larger than any number, so only an upper bound keeps it out.
                condition=Q(amount_cny__gt=0, amount_cny__lte=LARGEST_CNY),
                name="payout_amount_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(status__in=SETTLED, paid_at__isnull=False)
                | ~Q(status__in=SETTLED) & Q(paid_at__isnull=True),
                name="payout_is_paid_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(moved_as=Role.SYSTEM.value) | Q(moved_by__isnull=False), name="payout_is_moved_by_somebody"
            ),
        ]
        indexes = [
            models.Index(
                fields=["entitlement"],
                condition=Q(status=Status.CANCELLED) | Q(was_paid_cancelled=True),
                name="payout_was_cancelled",
            ),
            models.Index(fields=["company", "-id"], name="payout_of_company"),
            models.Index(fields=["employee"], condition=Q(employee__isnull=False), name="payout_of_employee"),
            models.Index(
                fields=["fund", "-id"],
                condition=Q(status=Status.APPROVED, is_clicked=True),
                name="payout_clicked_to_send",
            ),
            # For the approved payouts of a fund, which go to the bank's interface or into a batch.
            models.Index(fields=["fund", "id"], condition=Q(status=Status.APPROVED), name="payout_due_of_fund"),
            models.Index(
                fields=["status", "leased_until"],
                condition=Q(status__in=[Status.SENT, Status.IN_DOUBT]),
                name="payout_due_to_ask",
            ),
            models.Index(fields=["fund", "id"], condition=Q(status=Status.WAITLISTED), name="payout_due_for_money"),
            # For the desk's status filter, which would otherwise read all payouts to find the newest of a rare status.
            models.Index(fields=["status", "-id"], condition=Q(status__in=SELDOM), name="payout_of_seldom_status"),
        ]
        triggers = [
            set_guard(__package__, "payout_opens_requested", operation=pgtrigger.Insert),
            set_guard(
                __package__,
                "payout_moves_by_the_table",
                operation=pgtrigger.Update,
                moves=_moves(),
                transfers=_transfers(),
            ),
            set_guard(__package__, "payout_takes_its_seats", operation=pgtrigger.Insert),
            set_guard(__package__, "payout_gives_its_seats_back", operation=pgtrigger.Update, sees_old_rows=False),
            set_guard(__package__, "received_is_told_to_matching", operation=pgtrigger.Update),
            *guard_against(
                promise="payout_is_kept",
                why="A payout is cancelled, never deleted.",
                operation=pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    ask_again = _transition("ask_again", Status.REQUESTED)
    put_on_waitlist = _transition("put_on_waitlist", Status.WAITLISTED)
    reserve = _transition("reserve", Status.RESERVED)
    publicise = _transition("publicise", Status.PUBLICISED)
    approve = _transition("approve", Status.APPROVED)
    send = _transition("send", Status.SENT)
    doubt = _transition("doubt", Status.IN_DOUBT)
    settle = _transition("settle", Status.PAID)
    fail = _transition("fail", Status.FAILED)
    take_back = _transition("take_back", Status.RETURNED)
    recover = _transition("recover", Status.RECOVERING)
    finish_recovery = _transition("finish_recovery", Status.RECOVERED)
    cancel = _transition("cancel", Status.CANCELLED)
