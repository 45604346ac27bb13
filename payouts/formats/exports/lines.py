"""What a batch file is made of."""

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
    # What the payment is for in words; some banks ask for it above an amount.
    reason: str = ""


def control_sum(lines: Iterable[Line]) -> Decimal:
    """The sum of the lines in yuan, with two decimals."""
    return sum((line.amount_cny for line in lines), Decimal("0.00"))
