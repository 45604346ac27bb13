"""The values that reply files are read into, and the refusal of a file that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.db import models
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.tables.refusals import UnreadableTable

# The values of `payouts.models.Outcome` that a file can report; empty if the bank has not decided, or said what we do
# not understand.
FileOutcome = Literal["paid", "refused", "returned", ""]

LARGEST_FILE_BYTES = 200 << 20
# The longest text that is kept of a cell whose amount cannot be read, in characters.
LONGEST_AMOUNT = 40
# A reply cannot be read for the same reasons as any other table.
UnreadableReply = UnreadableTable


class ReplyKind(models.TextChoices):
    """The kinds of reply files."""

    PAIN002 = "pain.002", _("ISO 20022 pain.002, status report")
    CAMT053 = "camt.053", _("ISO 20022 camt.053, statement")
    CAMT054 = "camt.054", _("ISO 20022 camt.054, advice of entries")
    DELIMITED = "delimited", _("delimited text (CSV)")
    WORKBOOK = "xlsx", _("workbook (xlsx)")


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """
    One row of a reply file, in which the bank reports on one payment.

    `number` is the row's position in the file. `is_pending` marks a payment that the bank has not decided; without it,
    an empty `outcome` was not understood. A row with a `batch_message_id` reports on every line of a file that we sent.
    `amount_cny` is None if the file names no amount; `amount_said` is the text of an amount that is none of yuan and
    fen.
    """

    number: int
    end_to_end_id: str = ""
    outcome: FileOutcome = ""
    said: str = ""
    bank_reference: str = ""
    reason: str = ""
    amount_cny: Decimal | None = None
    amount_said: str = ""
    is_pending: bool = False
    batch_message_id: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """The kind of a reply file, and the message id that the bank gave it."""

    kind: ReplyKind
    message_id: str = ""
