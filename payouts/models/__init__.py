"""Claims, payouts and their moves, the money behind them, and what is said to the bank and by it."""

from payouts.models.batch import Batch, BatchFile
from payouts.models.fund import Fund, Posting
from payouts.models.instruction import Instruction, Outcome, Reply
from payouts.models.payout import Claim, Payout
from payouts.models.publicity import Objection, Publication
from payouts.models.seating import Seating
from payouts.models.transition import Transition

__all__ = [
    "Batch",
    "BatchFile",
    "Claim",
    "Fund",
    "Instruction",
    "Objection",
    "Outcome",
    "Payout",
    "Posting",
    "Publication",
    "Reply",
    "Seating",
    "Transition",
]
