"""The life of a batch on one screen: every move, and whose duty it is."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    """How instructions reach a bank."""

    HTTP = "http", _("the bank’s interface")
    FILE = "file", _("files, taken to the bank by a person")


class BatchStatus(models.TextChoices):
    """Where a batch stands."""

    OPEN = "open", _("open")
    SEALED = "sealed", _("sealed, to be checked")
    APPROVED = "approved", _("approved, to be released")
    EXPORTED = "exported", _("with the bank")
    RECONCILED = "reconciled", _("answered in full")
    CLOSED = "closed", pgettext_lazy("batch", "closed")
    REJECTED = "rejected", pgettext_lazy("batch", "rejected")
    DISCARDED = "discarded", _("discarded while open")


class Duty(StrEnum):
    """Who makes a move: maker, checker and releaser are three people, and whoever closes did not release."""

    MAKER = "maker"
    CHECKER = "checker"
    RELEASER = "releaser"
    CLOSER = "closer"
    SYSTEM = "system"


S = BatchStatus
BATCH_MOVES: dict[tuple[BatchStatus, BatchStatus], Duty] = {
    (S.OPEN, S.SEALED): Duty.MAKER,
    (S.OPEN, S.DISCARDED): Duty.MAKER,
    (S.SEALED, S.APPROVED): Duty.CHECKER,
    # Rejected before the bank saw it: its payouts stay approved and are collected again.
    (S.SEALED, S.REJECTED): Duty.CHECKER,
    (S.APPROVED, S.REJECTED): Duty.CHECKER,
    (S.APPROVED, S.EXPORTED): Duty.RELEASER,
    (S.EXPORTED, S.RECONCILED): Duty.SYSTEM,
    (S.RECONCILED, S.CLOSED): Duty.CLOSER,
}

# The lines are fixed and their sum was declared.
SEALED_ONCE = (S.SEALED, S.APPROVED, S.EXPORTED, S.RECONCILED, S.CLOSED, S.REJECTED)
# Somebody else approved them.
APPROVED_ONCE = (S.APPROVED, S.EXPORTED, S.RECONCILED, S.CLOSED)
# The bank may have the file; only now may anybody have it.
WITH_THE_BANK = (S.EXPORTED, S.RECONCILED, S.CLOSED)


def batch_sources(after: BatchStatus) -> tuple[BatchStatus, ...]:
    """The states from which a batch may reach this one, in the order of the table."""
    return tuple(before for before, reached in BATCH_MOVES if reached == after)


def is_duty(*, before: BatchStatus, after: BatchStatus, duty: Duty) -> bool:
    """Whether the table has the move, as this duty."""
    return BATCH_MOVES.get((before, after)) == duty
