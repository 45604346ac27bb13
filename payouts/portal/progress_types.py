"""What pages show of payouts on their way: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from payouts.recovery.queries import AskedBack
from payouts.states import Status
from policies.authoring.suspensions import Pause
from qinqing.kernel.text import Bilingual


class Stage(StrEnum):
    """The few states that an owner needs to tell apart."""

    RESERVED = "reserved"
    PUBLIC = "public"
    BANK = "bank"
    PAID = "paid"
    WAITING = "waiting"
    FAILED = "failed"
    BACK = "back"
    ENDED = "ended"


STAGES: dict[Status, Stage] = {
    Status.REQUESTED: Stage.RESERVED,
    Status.RESERVED: Stage.RESERVED,
    Status.PUBLICISED: Stage.PUBLIC,
    Status.APPROVED: Stage.RESERVED,
    Status.SENT: Stage.BANK,
    Status.IN_DOUBT: Stage.BANK,
    Status.PAID: Stage.PAID,
    Status.WAITLISTED: Stage.WAITING,
    Status.FAILED: Stage.FAILED,
    Status.RETURNED: Stage.FAILED,
    Status.RECOVERING: Stage.BACK,
    Status.RECOVERED: Stage.BACK,
    Status.CANCELLED: Stage.ENDED,
}
STAGE_LABELS = {
    Stage.RESERVED: _("on the way"),
    Stage.PUBLIC: _("shown to the public"),
    Stage.BANK: _("at the bank"),
    Stage.PAID: _("paid"),
    Stage.WAITING: _("waiting for money"),
    Stage.FAILED: _("needs attention"),
    Stage.BACK: _("asked back"),
    Stage.ENDED: _("ended"),
}


# Where a payout moves on by itself, within seconds unless it is halted.
ON_THE_WAY = (Stage.RESERVED, Stage.BANK)


class Halt(StrEnum):
    """Why a payout that is on its way does not arrive within seconds."""

    SUSPENDED = "suspended"  # Its policy is.
    BATCH = "batch"  # Its bank takes files, and the next batch has still to be made.
    REPLY = "reply"  # Its bank has the file and has still to answer.


class ObjectionState(StrEnum):
    """What was said against a publicised payout: nothing is told of who said it."""

    OPEN = "open"
    REJECTED = "rejected"
    UPHELD = "upheld"


HALT_WORDS = {
    Halt.SUSPENDED: _("its policy is suspended; it is sent when the suspension is lifted"),
    Halt.BATCH: _("paid with the next batch of its bank, in some days"),
    Halt.REPLY: _("with its bank in a file; the answer takes some days"),
}
OBJECTED_WORDS = {
    ObjectionState.OPEN: _("somebody objected; an officer decides"),
    ObjectionState.REJECTED: _("an objection was rejected"),
    ObjectionState.UPHELD: _("an objection was upheld"),
}
WITH_AN_OFFICIAL = _("an official decides whether it is paid again")


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """One payout in a list; `about` names the person, month or certificate it is for, if it is for one."""

    id: int
    claim_id: int
    code: str
    title: Bilingual
    about: str
    amount_cny: Decimal
    stage: Stage
    status: str
    reason: str
    claimed_at: datetime
    paid_at: datetime | None
    public_until: date | None
    mend_by: date | None
    # The third party that is paid for the firm; empty where the firm or its people are paid.
    third_party: str = ""
    # None where nobody objected.
    objected: ObjectionState | None = None
    # Why it does not arrive within seconds, where it is on its way and does not.
    halt: Halt | None = None
    # The bank did not pay it, and no other account has it paid: an official decides.
    is_for_official: bool = False

    @property
    def seconds(self) -> float | None:
        """From the click to the money, in seconds; None while it has not arrived."""
        return (self.paid_at - self.claimed_at).total_seconds() if self.paid_at else None

    @property
    def halted(self) -> str:
        """What halts it, in words; empty where nothing does."""
        return str(HALT_WORDS[self.halt]) if self.halt else ""

    @property
    def objection(self) -> str:
        """What was said against it, in words; empty where nobody objected."""
        return str(OBJECTED_WORDS[self.objected]) if self.objected else ""

    @property
    def official(self) -> str:
        """That an official decides about it, in words; empty where nobody has to."""
        return str(WITH_AN_OFFICIAL) if self.is_for_official else ""


@dataclass(frozen=True, slots=True)
class PayoutSums:
    """What payouts come to, in yuan: paid, also where it was asked back since, and still to be paid."""

    count: int
    cancelled_count: int
    paid_cny: Decimal
    unpaid_cny: Decimal


@dataclass(frozen=True, slots=True)
class Page:
    """A page of payouts, newest first; `older` is where the next one begins, None on the last."""

    lines: tuple[PayoutLine, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class StageSum:
    """How many payouts of a claim are at a stage, and their sum in yuan."""

    count: int
    amount_cny: Decimal


NONE = StageSum(0, Decimal(0))


@dataclass(frozen=True, slots=True)
class Progress:
    """
    How far a claim has come; `elapsed_seconds` runs from the click to the last arrival, or until now.

    `amount_cny` is without what was cancelled of it, unless all of it was.
    """

    claim_id: int
    claimed_at: datetime
    amount_cny: Decimal
    count: int
    parts: dict[Stage, StageSum]
    elapsed_seconds: float
    page: Page
    asked_back: AskedBack | None = None
    # Of those that failed, how many were for accounts of people and third parties, which the firm cannot mend.
    failed_elsewhere: int = 0
    # How many of those on the public list wait for an officer to decide an objection.
    objected_count: int = 0
    # Nobody clicked.
    is_automatic: bool = False
    # What of those on their way does not arrive within seconds, and what suspended their policies.
    halted: Mapping[Halt, StageSum] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()

    @property
    def moving_count(self) -> int:
        """Payouts that will move on by themselves within seconds."""
        return sum(self.part(stage).count for stage in ON_THE_WAY) - sum(part.count for part in self.halted.values())

    @property
    def is_final(self) -> bool:
        """Whether there is nothing left to watch."""
        return self.moving_count == 0

    @property
    def is_paid(self) -> bool:
        """Whether all of it has arrived that was not cancelled."""
        return self.paid.count == self.standing_count

    @property
    def paid(self) -> StageSum:
        """What has arrived, whether or not it is asked back."""
        kept, back = self.part(Stage.PAID), self.part(Stage.BACK)
        return StageSum(kept.count + back.count, kept.amount_cny + back.amount_cny)

    @property
    def is_asked_back_whole(self) -> bool:
        """Whether all that has arrived is or was asked back."""
        return self.asked_back is not None and self.asked_back.amount_cny == self.paid.amount_cny

    @property
    def is_cancelled(self) -> bool:
        """Whether all of it was cancelled."""
        return self.ended.count == self.count

    @property
    def ended(self) -> StageSum:
        """What was cancelled."""
        return self.part(Stage.ENDED)

    @property
    def standing_count(self) -> int:
        """Payouts that were not cancelled; all where all were."""
        return self.count - self.ended.count or self.count

    @property
    def public(self) -> StageSum:
        """What is on the public list."""
        return self.part(Stage.PUBLIC)

    @property
    def waiting(self) -> StageSum:
        """What waits for money in the fund."""
        return self.part(Stage.WAITING)

    @property
    def failed(self) -> StageSum:
        """What the bank refused or sent back."""
        return self.part(Stage.FAILED)

    @property
    def held(self) -> StageSum:
        """What is not sent while its policy is suspended."""
        return self.halted.get(Halt.SUSPENDED, NONE)

    @property
    def in_next_batch(self) -> StageSum:
        """What goes to its bank in a file, with the next batch."""
        return self.halted.get(Halt.BATCH, NONE)

    @property
    def to_be_answered(self) -> StageSum:
        """What is with a bank that answers by files, in some days."""
        return self.halted.get(Halt.REPLY, NONE)

    @property
    def reserved_count(self) -> int:
        """Payouts that have had their money put aside, wherever they are now; not those that were cancelled."""
        return self.count - self.waiting.count - self.ended.count

    @property
    def sent_count(self) -> int:
        """Payouts that have left for the bank, wherever they are now."""
        return self.reserved_count - self.part(Stage.RESERVED).count - self.public.count

    def part(self, stage: Stage) -> StageSum:
        """What is at that stage."""
        return self.parts.get(stage, NONE)
