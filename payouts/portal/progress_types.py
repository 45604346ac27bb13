"""Plain values by which the firm's pages show its payouts and the progress of a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.timezone import localtime
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


# At these stages a payout moves on by itself, within seconds unless something halts it.
ON_THE_WAY = (Stage.RESERVED, Stage.BANK)


class Halt(StrEnum):
    """Why a payout that is on its way does not arrive within seconds."""

    SUSPENDED = "suspended"  # The policy is suspended.
    ACCOUNT = "account"  # The payee's account was changed, and is in its cool-off.
    BATCH = "batch"  # The bank takes files, and nobody has made the next batch yet.
    REPLY = "reply"  # The bank has the file and has not answered yet.


class ObjectionState(StrEnum):
    """The state of an objection against a payout; the firm does not learn who objected."""

    OPEN = "open"
    REJECTED = "rejected"
    UPHELD = "upheld"


HALT_WORDS = {
    Halt.SUSPENDED: _("its policy is suspended; it is sent when the suspension is lifted"),
    Halt.ACCOUNT: _("its account was changed; it is sent there from %(moment)s on"),
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
    """One payout in a list; `about` names its person, month or certificate, and is empty without one."""

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
    # The third party that is paid for the firm; empty if the firm or an employee is paid.
    third_party: str = ""
    # None if nobody objected.
    objected: ObjectionState | None = None
    # None if nothing halts the payout, or if it is not on its way.
    halt: Halt | None = None
    # The bank did not pay the payout, and another account would not help, so an official decides.
    is_for_official: bool = False
    # When the cool-off of the payee's changed account ends; None if the account has none.
    usable_from: datetime | None = None

    @property
    def seconds(self) -> float | None:
        """The seconds from the click to the money; None if the money has not arrived."""
        return (self.paid_at - self.claimed_at).total_seconds() if self.paid_at else None

    @property
    def halted(self) -> str:
        """The words for what halts the payout; empty if nothing does."""
        if not self.halt:
            return ""
        moment = date_format(localtime(self.usable_from), "DATETIME_FORMAT") if self.usable_from else ""
        return str(HALT_WORDS[self.halt]) % {"moment": moment}

    @property
    def objection(self) -> str:
        """The words for the state of the objection; empty if nobody objected."""
        return str(OBJECTED_WORDS[self.objected]) if self.objected else ""

    @property
    def official(self) -> str:
        """The words that tell that an official decides about the payout; empty if none has to."""
        return str(WITH_AN_OFFICIAL) if self.is_for_official else ""


@dataclass(frozen=True, slots=True)
class PayoutSums:
    """The sums of payouts in yuan: the paid, also if they were demanded back since, and those still to be paid."""

    count: int
    cancelled_count: int
    paid_cny: Decimal
    unpaid_cny: Decimal


@dataclass(frozen=True, slots=True)
class Page:
    """A page of payouts, newest first; `older` is the payout before which the next page begins, None on the last."""

    lines: tuple[PayoutLine, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class StageSum:
    """The number of payouts of a claim at a stage, and their sum in yuan."""

    count: int
    amount_cny: Decimal


NONE = StageSum(0, Decimal(0))


@dataclass(frozen=True, slots=True)
class Progress:
    """
    The progress of a claim; `elapsed_seconds` runs from the click to the last arrival, or until now.

    `amount_cny` leaves out the cancelled payouts, unless all payouts were cancelled.
    """

    claim_id: int
    claimed_at: datetime
    amount_cny: Decimal
    count: int
    parts: dict[Stage, StageSum]
    elapsed_seconds: float
    page: Page
    asked_back: AskedBack | None = None
    # The number of failed payouts to accounts of people and third parties, which the firm cannot replace.
    failed_elsewhere: int = 0
    # The number of payouts on the public list that wait for an officer to decide an objection.
    objected_count: int = 0
    # Whether the platform claimed, on the automatic track.
    is_automatic: bool = False
    # The payouts on their way that something halts, and the suspensions of their policies.
    halted: Mapping[Halt, StageSum] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    # When the last of the cool-offs ends that payouts wait for.
    usable_from: datetime | None = None

    @property
    def moving_count(self) -> int:
        """The number of payouts that will move on by themselves within seconds."""
        return sum(self.part(stage).count for stage in ON_THE_WAY) - sum(part.count for part in self.halted.values())

    @property
    def is_final(self) -> bool:
        """Whether no payout moves any more, so that nothing is left to watch."""
        return self.moving_count == 0

    @property
    def is_paid(self) -> bool:
        """Whether all payouts that were not cancelled have arrived."""
        return self.paid.count == self.standing_count

    @property
    def paid(self) -> StageSum:
        """The payouts that have arrived, also if they were demanded back since."""
        kept, back = self.part(Stage.PAID), self.part(Stage.BACK)
        return StageSum(kept.count + back.count, kept.amount_cny + back.amount_cny)

    @property
    def is_asked_back_whole(self) -> bool:
        """Whether all the money that has arrived is or was demanded back."""
        return self.asked_back is not None and self.asked_back.amount_cny == self.paid.amount_cny

    @property
    def is_cancelled(self) -> bool:
        """Whether all payouts were cancelled."""
        return self.ended.count == self.count

    @property
    def ended(self) -> StageSum:
        """The cancelled payouts."""
        return self.part(Stage.ENDED)

    @property
    def standing_count(self) -> int:
        """The number of payouts that were not cancelled; if all were cancelled, the number of all."""
        return self.count - self.ended.count or self.count

    @property
    def public(self) -> StageSum:
        """The payouts on the public list."""
        return self.part(Stage.PUBLIC)

    @property
    def waiting(self) -> StageSum:
        """The payouts that wait for money in the fund."""
        return self.part(Stage.WAITING)

    @property
    def failed(self) -> StageSum:
        """The payouts that the bank refused or returned."""
        return self.part(Stage.FAILED)

    @property
    def held(self) -> StageSum:
        """The payouts that are not sent while their policy is suspended."""
        return self.halted.get(Halt.SUSPENDED, NONE)

    @property
    def in_cool_off(self) -> StageSum:
        """The payouts that wait for the end of the cool-off of a changed account."""
        return self.halted.get(Halt.ACCOUNT, NONE)

    @property
    def in_next_batch(self) -> StageSum:
        """The payouts that go to their bank in a file, with the next batch."""
        return self.halted.get(Halt.BATCH, NONE)

    @property
    def to_be_answered(self) -> StageSum:
        """The payouts with a bank that answers by files, in some days."""
        return self.halted.get(Halt.REPLY, NONE)

    @property
    def reserved_count(self) -> int:
        """The number of payouts whose money was reserved, wherever they are now, without those that were cancelled."""
        return self.count - self.waiting.count - self.ended.count

    @property
    def sent_count(self) -> int:
        """The number of payouts that have left for the bank, wherever they are now."""
        return self.reserved_count - self.part(Stage.RESERVED).count - self.public.count

    def part(self, stage: Stage) -> StageSum:
        """The payouts at a stage."""
        return self.parts.get(stage, NONE)
