"""The whole life of a batch on one screen: every move, and the duty to which it belongs."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    """The way by which instructions reach a bank."""

    HTTP = "http", _("the bank’s interface")
    FILE = "file", _("files, taken to the bank by a person")


class BatchStatus(models.TextChoices):
    """The status of a batch."""

    OPEN = "open", _("open")
    SEALED = "sealed", _("sealed, to be checked")
    APPROVED = "approved", _("approved, to be released")
    EXPORTED = "exported", _("with the bank")
    RECONCILED = "reconciled", _("answered in full")
    CLOSED = "closed", pgettext_lazy("batch", "closed")
    REJECTED = "rejected", pgettext_lazy("batch", "rejected")
    DISCARDED = "discarded", _("discarded while open")


class Duty(StrEnum):
    """The duty of making a move: maker, checker and releaser are three people, and the closer is not the releaser."""

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
    # The bank has not seen a rejected batch: its payouts stay approved, and a later batch collects them.
    (S.SEALED, S.REJECTED): Duty.CHECKER,
    (S.APPROVED, S.REJECTED): Duty.CHECKER,
    (S.APPROVED, S.EXPORTED): Duty.RELEASER,
    (S.EXPORTED, S.RECONCILED): Duty.SYSTEM,
    (S.RECONCILED, S.CLOSED): Duty.CLOSER,
}

# In these states the lines of a batch are fixed, and a maker has declared the sum of a batch of files.
SEALED_ONCE = (S.SEALED, S.APPROVED, S.EXPORTED, S.RECONCILED, S.CLOSED, S.REJECTED)
# In these states a checker has approved a batch of files.
APPROVED_ONCE = (S.APPROVED, S.EXPORTED, S.RECONCILED, S.CLOSED)
# In these states the bank may have the file of a batch; in no other state may anybody download it.
WITH_THE_BANK = (S.EXPORTED, S.RECONCILED, S.CLOSED)


def batch_sources(after: BatchStatus) -> tuple[BatchStatus, ...]:
    """The states from which a batch may move to `after`, in the order of the table."""
    return tuple(before for before, reached in BATCH_MOVES if reached == after)


def is_duty(*, before: BatchStatus, after: BatchStatus, duty: Duty) -> bool:
    """Whether the table has the move and gives it to this duty."""
    return BATCH_MOVES.get((before, after)) == duty
