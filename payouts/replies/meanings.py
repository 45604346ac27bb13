"""What a bank's reply means for its payout, on one screen: the first row of `MEANINGS` that holds decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from payouts.models.banks.instruction import Outcome
from payouts.states import SETTLED, Status

# The bank has the instruction and has not answered for good.
AT_THE_BANK = (Status.SENT, Status.IN_DOUBT)
# The payout waits for another attempt, or for a person.
STOPPED = (Status.APPROVED, Status.FAILED, Status.RETURNED)
# The money left, and may have come back.
PAID_OUT = (*SETTLED, Status.RETURNED)


class Meaning(StrEnum):
    """What applying a reply does; the last two move nothing."""

    SETTLES = "settles"
    FAILS = "fails"
    # The payout fails, and is approved again under a new number: the bank never saw the old one.
    REPEATS = "repeats"
    TAKES_BACK = "takes_back"
    # The bank sent back what was being asked back.
    ENDS_DEMAND = "ends_demand"
    PAYS_AFTER_ALL = "pays_after_all"
    AGREES = "agrees"
    CONTRADICTS = "contradicts"


MOVES_NOTHING = (Meaning.AGREES, Meaning.CONTRADICTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a reply says, and what is known of its payout and of its attempts by then, this reply among it."""

    outcome: str
    status: str
    # Nothing comes any more of the attempts after this one.
    is_latest: bool
    # The bank says that it paid this attempt, even if the money came back since.
    is_said_paid: bool
    # An attempt is paid, and the bank said nothing else of that attempt since.
    is_paid_as_last_word: bool
    # Another attempt is paid, and that money did not come back.
    is_paid_otherwise: bool
    is_in_sealed_batch: bool
    # The firm repaid a part of what was demanded; it is paid back first.
    is_partly_repaid: bool
    # The bank lost few attempts, and the right of the payout is not paid.
    may_be_repeated: bool


class Row(NamedTuple):
    """The reply says one of the outcomes of a payout in one of the states; each of `needs` is true, none of `bars`."""

    outcomes: tuple[Outcome, ...]
    states: tuple[Status, ...]
    needs: tuple[str, ...]
    bars: tuple[str, ...]
    meaning: Meaning


_ANY = tuple(Status)
_PAID, _RETURNED, _UNKNOWN = (Outcome.PAID,), (Outcome.RETURNED,), (Outcome.UNKNOWN,)
_NOT_PAID = (Outcome.REFUSED, Outcome.UNKNOWN)
M = Meaning
MEANINGS: tuple[Row, ...] = (
    # the bank says, the payout is, what is true besides, and what is not
    Row(_PAID, AT_THE_BANK, ("is_latest",), (), M.SETTLES),
    Row(_PAID, STOPPED, ("is_paid_as_last_word",), ("is_in_sealed_batch",), M.PAYS_AFTER_ALL),
    Row(_PAID, PAID_OUT, ("is_latest",), ("is_paid_otherwise",), M.AGREES),
    Row(_PAID, _ANY, (), (), M.CONTRADICTS),
    Row(_RETURNED, (*AT_THE_BANK, Status.PAID), ("is_latest",), (), M.TAKES_BACK),
    Row(_RETURNED, (Status.RECOVERING,), (), ("is_paid_otherwise", "is_partly_repaid"), M.ENDS_DEMAND),
    Row(_RETURNED, _ANY, (), (), M.CONTRADICTS),
    Row(_UNKNOWN, AT_THE_BANK, ("is_latest", "may_be_repeated"), (), M.REPEATS),
    Row(_NOT_PAID, AT_THE_BANK, ("is_latest",), (), M.FAILS),
    Row(_NOT_PAID, PAID_OUT, ("is_latest", "is_said_paid"), (), M.CONTRADICTS),
    Row(_NOT_PAID, _ANY, (), (), M.AGREES),
)


def meaning_of(facts: Facts) -> Meaning:
    """What the reply means: the meaning of the first row that holds."""
    return next(row.meaning for row in MEANINGS if _holds(row, facts))


def _holds(row: Row, facts: Facts) -> bool:
    return (
        facts.outcome in row.outcomes
        and facts.status in row.states
        and all(getattr(facts, name) for name in row.needs)
        and not any(getattr(facts, name) for name in row.bars)
    )
