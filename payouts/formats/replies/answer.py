"""What a bank says in one row of a file, and why a file cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.db import models
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.tables.refusals import UnreadableTable

# The words of `payouts.models.Outcome` that a file can say; empty for what is not decided or not understood.
FileOutcome = Literal["paid", "refused", "returned", ""]

LARGEST_FILE_BYTES = 200 << 20
# Of what stands where an amount should.
LONGEST_AMOUNT = 40
# What a reply cannot be read for is what no table can be read for.
UnreadableReply = UnreadableTable


class ReplyKind(models.TextChoices):
    """The kinds of files that banks answer in."""

    PAIN002 = "pain.002", _("ISO 20022 pain.002, status report")
    CAMT053 = "camt.053", _("ISO 20022 camt.053, statement")
    CAMT054 = "camt.054", _("ISO 20022 camt.054, advice of entries")
    DELIMITED = "delimited", _("delimited text (CSV)")
    WORKBOOK = "xlsx", _("workbook (xlsx)")


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """
    One row: what the bank says of one payment.

    `number` is the row's place in the file. `is_pending` marks a payment that the bank has not decided; an
    `outcome` that is empty otherwise was not understood. With `batch_message_id` the row speaks of every line
    of a file that we sent. `amount_cny` is known where the file names one; `amount_said` is what stands there instead
    and is no amount of yuan and fen.
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
    """What a file says of itself."""

    kind: ReplyKind
    message_id: str = ""
