"""The whole life of a payout on one screen: every move, who may make it, and the money it moves."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """The status of a payout."""

    REQUESTED = "requested", _("requested")
    WAITLISTED = "waitlisted", _("waiting for money")
    RESERVED = "reserved", _("money reserved")
    PUBLICISED = "publicised", _("publicised")
    APPROVED = "approved", _("approved")
    SENT = "sent", _("sent to the bank")
    IN_DOUBT = "in_doubt", _("asking the bank")
    PAID = "paid", _("paid")
    FAILED = "failed", _("refused by the bank")
    RETURNED = "returned", _("returned by the bank")
    RECOVERING = "recovering", _("being recovered")
    RECOVERED = "recovered", _("recovered")
    CANCELLED = "cancelled", _("cancelled")


class Role(StrEnum):
    """The role of whoever makes a move."""

    SYSTEM = "system"
    OWNER = "owner"
    FINANCE = "finance"
    OFFICER = "officer"


class Account(StrEnum):
    """The accounts of a fund; `granted` stands outside of the fund, whose money comes from there."""

    GRANTED = "granted"
    AVAILABLE = "available"
    RESERVED = "reserved"
    DISBURSED = "disbursed"
    RECOVERED = "recovered"


# The words by which pages name roles and accounts.
ROLE_WORDS = {
    Role.SYSTEM: _("the platform"),
    Role.OWNER: _("the firm"),
    Role.FINANCE: _("finance"),
    Role.OFFICER: _("an officer"),
}
ACCOUNT_WORDS = {
    Account.GRANTED: _("granted"),
    Account.AVAILABLE: _("available"),
    Account.RESERVED: _("reserved"),
    Account.DISBURSED: _("disbursed"),
    Account.RECOVERED: _("recovered"),
}


class Transfer(NamedTuple):
    """A transfer of money from one account of the fund, the debit, to another, the credit."""

    debit: Account
    credit: Account


class Move(NamedTuple):
    """The roles that may make a move, and the transfer of money that goes with it."""

    roles: frozenset[Role]
    transfer: Transfer | None = None


_SYSTEM = frozenset({Role.SYSTEM})
_FINANCE = frozenset({Role.FINANCE})
_CANCEL = frozenset({Role.OFFICER, Role.FINANCE})
_RESERVE = Transfer(Account.AVAILABLE, Account.RESERVED)
_RELEASE = Transfer(Account.RESERVED, Account.AVAILABLE)
_DISBURSE = Transfer(Account.RESERVED, Account.DISBURSED)
_TAKE_BACK = Transfer(Account.DISBURSED, Account.RESERVED)
_LEFT = Transfer(Account.AVAILABLE, Account.DISBURSED)

S = Status
# In these states the payee has got the money; a demand alone brings none of it back.
SETTLED = (S.PAID, S.RECOVERING, S.RECOVERED)
MOVES: dict[tuple[Status, Status], Move] = {
    (S.REQUESTED, S.RESERVED): Move(_SYSTEM, _RESERVE),
    (S.REQUESTED, S.WAITLISTED): Move(_SYSTEM),
    (S.WAITLISTED, S.REQUESTED): Move(_SYSTEM),
    (S.RESERVED, S.APPROVED): Move(_SYSTEM),
    (S.RESERVED, S.PUBLICISED): Move(_SYSTEM),
    (S.PUBLICISED, S.APPROVED): Move(_SYSTEM),
    (S.APPROVED, S.SENT): Move(_SYSTEM),
    (S.SENT, S.PAID): Move(_SYSTEM, _DISBURSE),
    (S.SENT, S.FAILED): Move(_SYSTEM),
    (S.SENT, S.IN_DOUBT): Move(_SYSTEM),
    (S.IN_DOUBT, S.PAID): Move(_SYSTEM, _DISBURSE),
    (S.IN_DOUBT, S.FAILED): Move(_SYSTEM),
    # A deliberate retry: a new instruction for the same payout. The platform repeats a payout by itself only if the
    # bank never saw the instruction, or if the payee now uses another account.
    (S.FAILED, S.APPROVED): Move(_SYSTEM | _FINANCE),
    (S.PAID, S.RETURNED): Move(_SYSTEM, _TAKE_BACK),
    # The platform repeats a returned payout by itself once the payee uses another account.
    (S.RETURNED, S.APPROVED): Move(_SYSTEM | _FINANCE),
    # The bank paid an attempt after all, whatever it had said of the attempt, and whatever was to follow.
    (S.APPROVED, S.PAID): Move(_SYSTEM, _DISBURSE),
    (S.FAILED, S.PAID): Move(_SYSTEM, _DISBURSE),
    (S.RETURNED, S.PAID): Move(_SYSTEM, _DISBURSE),
    # The cancellation gave the money back to the fund, but two clerks found that the bank had paid it all the same.
    (S.CANCELLED, S.PAID): Move(_SYSTEM, _LEFT),
    (S.PAID, S.RECOVERING): Move(_FINANCE),
    # The move transfers no money, because each repayment was posted when it came.
    (S.RECOVERING, S.RECOVERED): Move(_FINANCE),
    # The bank returned the payment while finance demanded it back, so the payee owes nothing any more.
    (S.RECOVERING, S.RETURNED): Move(_SYSTEM, _TAKE_BACK),
    # An officer upholds an appeal, which withdraws the demand.
    (S.RECOVERING, S.PAID): Move(frozenset({Role.OFFICER})),
    (S.REQUESTED, S.CANCELLED): Move(_CANCEL),
    (S.WAITLISTED, S.CANCELLED): Move(_CANCEL),
    (S.RESERVED, S.CANCELLED): Move(_CANCEL, _RELEASE),
    (S.PUBLICISED, S.CANCELLED): Move(_CANCEL, _RELEASE),
    (S.APPROVED, S.CANCELLED): Move(_CANCEL, _RELEASE),
    (S.FAILED, S.CANCELLED): Move(_CANCEL, _RELEASE),
    (S.RETURNED, S.CANCELLED): Move(_CANCEL, _RELEASE),
}


def sources(after: Status) -> tuple[Status, ...]:
    """The states from which a payout may move to `after`, in the order of the table."""
    return tuple(before for before, reached in MOVES if reached == after)


def may(*, before: Status, after: Status, role: Role) -> bool:
    """Whether the table has the move and lets this role make it."""
    move = MOVES.get((before, after))
    return move is not None and role in move.roles


def diagram() -> str:
    """Draw the table as a Mermaid state diagram; each arrow names the roles, and the accounts of the transfer."""
    lines = ["stateDiagram-v2", f"    [*] --> {S.REQUESTED}"]
    for (before, after), move in MOVES.items():
        by = ", ".join(sorted(move.roles))
        money = f" ({move.transfer.debit} → {move.transfer.credit})" if move.transfer else ""
        lines.append(f"    {before} --> {after}: {by}{money}")
    finals = [status for status in S if not any(before == status for before, _after in MOVES)]
    lines += [f"    {status} --> [*]" for status in finals]
    return "\n".join(lines)
