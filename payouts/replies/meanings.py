"""What a bank's reply means for its payout, on one screen: the first rule of `MEANINGS` that holds decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from payouts.models.banks.instruction import Outcome
from payouts.states import SETTLED, Status

# The bank has the instruction, and has not said its last word about it.
AT_THE_BANK = (Status.SENT, Status.IN_DOUBT)
# The payout waits for another attempt, or for a person.
BETWEEN_ATTEMPTS = (Status.APPROVED, Status.FAILED, Status.RETURNED)
# The money left the fund's account, and may have come back.
PAID_OUT = (*SETTLED, Status.RETURNED)


class Meaning(StrEnum):
    """What a reply does to its payout when it is applied; the last two meanings move nothing."""

    SETTLES = "settles"
    FAILS = "fails"
    # The payout fails, and is approved again under a new number: the bank never saw the old one.
    REPEATS = "repeats"
    TAKES_BACK = "takes_back"
    # The bank sent back the money that was demanded from the firm.
    ENDS_DEMAND = "ends_demand"
    PAYS_AFTER_ALL = "pays_after_all"
    AGREES = "agrees"
    CONTRADICTS = "contradicts"


MOVES_NOTHING = (Meaning.AGREES, Meaning.CONTRADICTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFacts:
    """What a reply says, and what the platform knows of its payout and of its attempts, this reply included."""

    outcome: str
    status: str
    # No later attempt can still be paid.
    is_latest: bool
    # The bank says that it paid this attempt, even if the money came back later.
    is_reported_paid: bool
    # The bank says that it paid an attempt, and has said nothing else of that attempt since.
    is_paid_as_last_word: bool
    # The bank paid another attempt, and that money did not come back.
    is_paid_otherwise: bool
    is_in_sealed_batch: bool
    # The firm repaid a part of the demand; a clerk has to pay that back first.
    is_partly_repaid: bool
    # The bank lost few attempts, and has not paid the entitlement of the payout.
    may_be_repeated: bool


class MeaningRule(NamedTuple):
    """It holds for its outcomes and states of the payout, if all of `needs` are true and none of `bars`."""

    outcomes: tuple[Outcome, ...]
    states: tuple[Status, ...]
    needs: tuple[str, ...]
    bars: tuple[str, ...]
    meaning: Meaning


_ANY = tuple(Status)
_PAID, _RETURNED, _UNKNOWN = (Outcome.PAID,), (Outcome.RETURNED,), (Outcome.UNKNOWN,)
_NOT_PAID = (Outcome.REFUSED, Outcome.UNKNOWN)
M = Meaning
MEANINGS: tuple[MeaningRule, ...] = (
    # the bank says, the payout is, what is true besides, and what is not
    MeaningRule(_PAID, AT_THE_BANK, ("is_latest",), (), M.SETTLES),
    MeaningRule(_PAID, BETWEEN_ATTEMPTS, ("is_paid_as_last_word",), ("is_in_sealed_batch",), M.PAYS_AFTER_ALL),
    MeaningRule(_PAID, PAID_OUT, ("is_latest",), ("is_paid_otherwise",), M.AGREES),
    MeaningRule(_PAID, _ANY, (), (), M.CONTRADICTS),
    MeaningRule(_RETURNED, (*AT_THE_BANK, Status.PAID), ("is_latest",), (), M.TAKES_BACK),
    MeaningRule(_RETURNED, (Status.RECOVERING,), (), ("is_paid_otherwise", "is_partly_repaid"), M.ENDS_DEMAND),
    MeaningRule(_RETURNED, _ANY, (), (), M.CONTRADICTS),
    MeaningRule(_UNKNOWN, AT_THE_BANK, ("is_latest", "may_be_repeated"), (), M.REPEATS),
    MeaningRule(_NOT_PAID, AT_THE_BANK, ("is_latest",), (), M.FAILS),
    MeaningRule(_NOT_PAID, PAID_OUT, ("is_latest", "is_reported_paid"), (), M.CONTRADICTS),
    MeaningRule(_NOT_PAID, _ANY, (), (), M.AGREES),
)


def determine_meaning(facts: ReplyFacts) -> Meaning:
    """Determine what a reply with these facts means: the first rule that holds decides."""
    return next(rule.meaning for rule in MEANINGS if _holds(rule, facts))


def _holds(rule: MeaningRule, facts: ReplyFacts) -> bool:
    return (
        facts.outcome in rule.outcomes
        and facts.status in rule.states
        and all(getattr(facts, name) for name in rule.needs)
        and not any(getattr(facts, name) for name in rule.bars)
    )
