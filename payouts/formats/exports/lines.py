"""The values that a batch file is written from: the payer, and the lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Payer:
    """The account that the money comes from."""

    name: str
    account: str
    bank_number: str


@dataclass(frozen=True, slots=True)
class Line:
    """One payment of a batch; the account number is in the clear here and nowhere else."""

    end_to_end_id: str
    amount_cny: Decimal
    payee_name: str
    payee_account: str
    bank_name: str
    bank_number: str
    purpose: str
    # The reason of the payment in words; some banks require it from a certain amount on.
    reason: str = ""


def control_sum(lines: Iterable[Line]) -> Decimal:
    """Sum the lines in yuan, with two decimals."""
    return sum((line.amount_cny for line in lines), Decimal("0.00"))
