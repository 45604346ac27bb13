"""What became of a company's claims: live progress, history and receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from payouts.models import Claim, Outcome, Payout, Reply, Transition
from payouts.queries.mending import STOPPED, mend_by
from payouts.queries.recovery import AskedBack, asked_back
from payouts.queries.wording import said
from payouts.states import Status
from policies.models import Subject, Track
from qinqing.kernel.text import Bilingual

PAGE_SIZE = 50
# A page that is asked for every second stays small.
PROGRESS_PAGE_SIZE = 12


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


class NoSuchClaim(Exception):
    """The company has no claim, or no payout, of that id."""


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

    @property
    def seconds(self) -> float | None:
        """From the click to the money, in seconds; None while it has not arrived."""
        return (self.paid_at - self.claimed_at).total_seconds() if self.paid_at else None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of payouts, newest first; `older` is where the next one begins, None on the last."""

    lines: tuple[PayoutLine, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """How many payouts of a claim are at a stage, and their sum in yuan."""

    count: int
    amount_cny: Decimal


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a claim has come; `elapsed_seconds` runs from the click to the last arrival, or until now."""

    claim_id: int
    claimed_at: datetime
    amount_cny: Decimal
    count: int
    parts: dict[Stage, Part]
    elapsed_seconds: float
    page: Page
    asked_back: AskedBack | None = None
    # Of those that failed, how many were for accounts of people and third parties, which the firm cannot mend.
    failed_elsewhere: int = 0

    @property
    def moving_count(self) -> int:
        """Payouts that will move on by themselves within seconds."""
        return self.part(Stage.RESERVED).count + self.part(Stage.BANK).count

    @property
    def is_final(self) -> bool:
        """Whether there is nothing left to watch."""
        return self.moving_count == 0

    @property
    def is_paid(self) -> bool:
        """Whether all of it has arrived."""
        return self.paid.count == self.count

    @property
    def paid(self) -> Part:
        """What has arrived, whether or not it is asked back."""
        kept, back = self.part(Stage.PAID), self.part(Stage.BACK)
        return Part(kept.count + back.count, kept.amount_cny + back.amount_cny)

    @property
    def is_asked_back_whole(self) -> bool:
        """Whether all that has arrived is or was asked back."""
        return self.asked_back is not None and self.asked_back.amount_cny == self.paid.amount_cny

    @property
    def is_cancelled(self) -> bool:
        """Whether all of it was cancelled."""
        return self.part(Stage.ENDED).count == self.count

    @property
    def public(self) -> Part:
        """What is on the public list."""
        return self.part(Stage.PUBLIC)

    @property
    def waiting(self) -> Part:
        """What waits for money in the fund."""
        return self.part(Stage.WAITING)

    @property
    def failed(self) -> Part:
        """What the bank refused or sent back."""
        return self.part(Stage.FAILED)

    @property
    def reserved_count(self) -> int:
        """Payouts that have had their money put aside, wherever they are now; not those that were cancelled."""
        return self.count - self.waiting.count - self.part(Stage.ENDED).count

    @property
    def sent_count(self) -> int:
        """Payouts that have left for the bank, wherever they are now."""
        return self.reserved_count - self.part(Stage.RESERVED).count - self.public.count

    def part(self, stage: Stage) -> Part:
        """What is at that stage."""
        return self.parts.get(stage, Part(0, Decimal(0)))


@dataclass(frozen=True, slots=True)
class Step:
    """One recorded move of a payout."""

    status: str
    moved_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """One payout with everything that happened to it; the account number is masked."""

    line: PayoutLine
    holder: str
    account: str
    end_to_end_id: str
    bank_reference: str
    commitment_hash: str
    is_automatic: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Automatic:
    """What one policy paid, or is paying, without being asked."""

    code: str
    title: Bilingual
    count: int
    amount_cny: Decimal
    paid_count: int
    third_parties: tuple[str, ...] = ()


def history(*, company: Company, stage: Stage | None = None, before: int | None = None) -> Page:
    """A page of the company's payouts; `before` is the `older` of the page before it."""
    return _page(_payouts(company), stage, before)


def progress(*, company: Company, claim_id: int, before: int | None = None, now: datetime) -> Progress:
    """
    How far a claim of the company has come.

    Raises:
        NoSuchClaim: it is not the company's, or does not exist.
    """
    claim = Claim.objects.filter(company=company, id=claim_id).first()
    if claim is None:
        raise NoSuchClaim(_("This firm has no such claim."))
    payouts = _payouts(company).filter(claim=claim)
    counts = (
        payouts.order_by()
        .values_list("status")
        .annotate(
            Count("id"), Sum("amount_cny"), Max("paid_at"), at_others=Count("id", filter=Q(account__company=None))
        )
    )
    rows = [_Count(*row) for row in counts]
    parts = _parts(rows)
    is_final = not (parts.get(Stage.RESERVED) or parts.get(Stage.BANK))
    last = max((row.last_paid_at for row in rows if row.last_paid_at), default=None)
    return Progress(
        claim_id=claim.pk,
        claimed_at=claim.claimed_at,
        amount_cny=sum((part.amount_cny for part in parts.values()), Decimal(0)),
        count=sum(part.count for part in parts.values()),
        parts=parts,
        elapsed_seconds=((last if is_final and last else now) - claim.claimed_at).total_seconds(),
        page=_page(payouts, None, before, PROGRESS_PAGE_SIZE),
        asked_back=asked_back(claim=claim) if parts.get(Stage.BACK) else None,
        failed_elsewhere=sum(row.at_others for row in rows if STAGES[Status(row.status)] == Stage.FAILED),
    )


def receipt(*, company: Company, payout_id: int) -> Receipt:
    """
    One payout of the company with its moves.

    Raises:
        NoSuchClaim: it is not the company's, or does not exist.
    """
    payout = _payouts(company).select_related("claim", "account__third_party").filter(id=payout_id).first()
    if payout is None:
        raise NoSuchClaim(_("This firm has no such payout."))
    instruction = payout.instructions.order_by("-attempt").first()
    reply = Reply.objects.filter(instruction=instruction, outcome=Outcome.PAID).first() if instruction else None
    transitions = Transition.objects.filter(payout=payout).order_by("sequence")
    return Receipt(
        line=_line(payout),
        holder=payout.account.holder_name,
        account=f"{payout.account.bank_name} {payout.account.number_masked}",
        end_to_end_id=instruction.end_to_end_id if instruction else "",
        bank_reference=reply.bank_reference if reply else "",
        commitment_hash=payout.claim.commitment_hash,
        is_automatic=payout.claim.claimed_by_id is None,
        steps=tuple(
            Step(str(Status(step.after).label), step.moved_at, said(step.moved_because)) for step in transitions
        ),
    )


def claim_of(*, company: Company, payout_ids: Sequence[int]) -> int | None:
    """The claim that opened the first of these payouts of the company."""
    payouts = Payout.objects.filter(company=company, id__in=payout_ids).order_by("id")
    return payouts.values_list("claim_id", flat=True).first()


def paid_without_applying(*, company: Company) -> tuple[Automatic, ...]:
    """What the automatic track has opened for the company, by policy."""
    payouts = Payout.objects.filter(
        company=company, claim__claimed_by=None, fund__version__track=Track.AUTOMATIC
    ).exclude(status=Status.CANCELLED)
    rows = payouts.values(
        code=F("policy__code"), title_zh=F("policy__title_zh"), title_en=F("policy__title_en")
    ).annotate(
        n=Count("id"),
        sum=Sum("amount_cny"),
        paid=Count("paid_at"),
        payees=ArrayAgg(
            "account__third_party__name", filter=Q(account__third_party__isnull=False), distinct=True, default=[]
        ),
    )
    return tuple(
        Automatic(
            row["code"],
            Bilingual(row["title_zh"], row["title_en"]),
            row["n"],
            row["sum"],
            row["paid"],
            tuple(sorted(row["payees"])),
        )
        for row in rows.order_by("code")
    )


def claimed_codes(*, company: Company) -> frozenset[str]:
    """The policies that the company has a payout of, cancelled ones aside."""
    payouts = Payout.objects.filter(company=company).exclude(status=Status.CANCELLED)
    return frozenset(payouts.order_by().values_list("policy__code", flat=True).distinct())


def _payouts(company: Company) -> QuerySet[Payout]:
    return Payout.objects.filter(company=company).order_by("-id")


def _page(payouts: QuerySet[Payout], stage: Stage | None, before: int | None, size: int = PAGE_SIZE) -> Page:
    if stage:
        payouts = payouts.filter(status__in=[status for status, its in STAGES.items() if its == stage])
    if before:
        payouts = payouts.filter(id__lt=before)
    rows = list(
        payouts.select_related("policy", "employee", "entitlement", "publication", "account__third_party")[: size + 1]
    )
    older = rows[size - 1].pk if len(rows) > size else None
    return Page(tuple(_line(payout) for payout in rows[:size]), older)


def _line(payout: Payout) -> PayoutLine:
    third_party = payout.account.third_party
    return PayoutLine(
        id=payout.pk,
        claim_id=payout.claim_id,
        code=payout.policy.code,
        title=Bilingual(payout.policy.title_zh, payout.policy.title_en),
        about=_about(payout),
        amount_cny=payout.amount_cny,
        stage=STAGES[Status(payout.status)],
        status=str(Status(payout.status).label),
        reason=said(payout.moved_because),
        claimed_at=payout.claimed_at,
        paid_at=payout.paid_at,
        public_until=_public_until(payout),
        mend_by=mend_by(payout.moved_at) if payout.status in STOPPED and payout.account.company_id else None,
        third_party=third_party.name if third_party else "",
    )


def _public_until(payout: Payout) -> date | None:
    if payout.status != Status.PUBLICISED:
        return None
    return payout.publication.ends_on


def _about(payout: Payout) -> str:
    if payout.employee:
        return payout.employee.name
    kind, _separator, key = payout.entitlement.subject_key.partition(":")
    return payout.entitlement.period_key or ("" if kind == Subject.COMPANY else key)


class _Count(NamedTuple):
    status: str
    number: int
    amount_cny: Decimal
    last_paid_at: datetime | None
    at_others: int


def _parts(rows: Sequence[_Count]) -> dict[Stage, Part]:
    parts: dict[Stage, Part] = {}
    for row in rows:
        stage = STAGES[Status(row.status)]
        so_far = parts.get(stage, Part(0, Decimal(0)))
        parts[stage] = Part(so_far.count + row.number, so_far.amount_cny + row.amount_cny)
    return parts
