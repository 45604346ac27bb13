"""Queries on a company's claims: the live progress of one, and the history of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from companies.models import Company, PayeeAccount
from payouts.batch_states import Channel
from payouts.ledger.stored_text import translate_reason
from payouts.ledger.waiting_accounts import STOPPED, compute_account_deadline, is_for_official
from payouts.models import Claim, Objection, Payout
from payouts.models.claims.publicity import Triage
from payouts.portal.progress_types import (
    ON_THE_WAY,
    STAGES,
    Halt,
    ObjectionState,
    Page,
    PayoutLine,
    PayoutSums,
    Progress,
    Stage,
    StageSum,
)
from payouts.recovery.queries import asked_back
from payouts.states import SETTLED, Status
from policies.authoring.suspensions import pauses
from policies.models import Entitlement, EntitlementStatus, Subject, Suspension, Track
from policies.subjects import name_in_key
from qinqing.kernel.refusals import NotFound
from qinqing.kernel.text import Bilingual

PAGE_SIZE = 50
# The browser asks for the page of progress every second, so the page stays small.
PROGRESS_PAGE_SIZE = 12


class NoSuchClaim(NotFound):
    """The company has no claim, or no payout, with this id."""


@dataclass(frozen=True, slots=True)
class Automatic:
    """The payouts of one policy that the platform claimed for a company without a click: their numbers and sum."""

    code: str
    title: Bilingual
    count: int
    amount_cny: Decimal
    paid_count: int
    third_parties: tuple[str, ...] = ()


def list_payouts(*, company: Company, stage: Stage | None = None, words: str = "", before: int | None = None) -> Page:
    """List a page of the company's payouts; `before` is the `older` of the page before it."""
    return _read_page(filter_payouts(company=company, stage=stage, words=words), before)


def sum_payouts(*, company: Company, stage: Stage | None = None, words: str = "") -> PayoutSums:
    """Count the chosen payouts of the company, and sum those that were paid and those still to be paid."""
    paid, ended = Q(status__in=SETTLED), Q(status=Status.CANCELLED)
    found = filter_payouts(company=company, stage=stage, words=words).aggregate(
        count=Count("pk"),
        cancelled=Count("pk", filter=ended),
        paid=Sum("amount_cny", filter=paid, default=Decimal(0)),
        unpaid=Sum("amount_cny", filter=~paid & ~ended, default=Decimal(0)),
    )
    return PayoutSums(found["count"], found["cancelled"], found["paid"], found["unpaid"])


def filter_payouts(*, company: Company, stage: Stage | None = None, words: str = "") -> QuerySet[Payout]:
    """
    Choose the company's payouts, newest first: all, or those at a stage, of a policy or of a period.

    `words` are a part of the policy's title, the policy's code, or the beginning of the period, such as 2024 or 2024Q1.
    """
    payouts = _find_payouts(company)
    if stage:
        payouts = payouts.filter(status__in=_statuses_of(stage))
    if not words:
        return payouts
    titled = Q(policy__title_zh__icontains=words) | Q(policy__title_en__icontains=words)
    return payouts.filter(titled | Q(policy__code__iexact=words) | Q(entitlement__period_key__istartswith=words))


def claim_progress(*, company: Company, claim_id: int, before: int | None = None, now: datetime) -> Progress:
    """
    Read the progress of one claim of the company.

    Raises:
        NoSuchClaim: the claim is another company's, or does not exist.
    """
    claim = Claim.objects.filter(company=company, id=claim_id).first()
    if claim is None:
        raise NoSuchClaim(_("This firm has no such claim."))
    payouts = _find_payouts(company).filter(claim=claim)
    rows = _count_statuses(payouts)
    parts = _sum_stages(rows)
    standing = {stage: part for stage, part in parts.items() if stage != Stage.ENDED} or parts
    halted = {halt: _sum_rows(found) for halt in Halt if (found := [row for row in rows if row.halt == halt])}
    is_final = not any(row.halt == "" and STAGES[Status(row.status)] in ON_THE_WAY for row in rows)
    last = max((row.last_paid_at for row in rows if row.last_paid_at), default=None)
    return Progress(
        claim_id=claim.pk,
        claimed_at=claim.claimed_at,
        amount_cny=sum((part.amount_cny for part in standing.values()), Decimal(0)),
        count=sum(part.count for part in parts.values()),
        parts=parts,
        elapsed_seconds=((last if is_final and last else now) - claim.claimed_at).total_seconds(),
        page=_read_page(payouts, before, PROGRESS_PAGE_SIZE),
        asked_back=asked_back(claim=claim) if parts.get(Stage.BACK) else None,
        failed_elsewhere=sum(row.at_others for row in rows if STAGES[Status(row.status)] == Stage.FAILED),
        is_automatic=claim.claimed_by_id is None,
        objected_count=_count_objected(payouts) if parts.get(Stage.PUBLIC) else 0,
        halted=halted,
        pauses=pauses(version_ids=list(_find_unpaid_versions(payouts))) if Halt.SUSPENDED in halted else (),
        usable_from=_find_end_of_cool_off(payouts) if Halt.ACCOUNT in halted else None,
    )


def _find_end_of_cool_off(payouts: QuerySet[Payout]) -> datetime | None:
    ends = payouts.order_by().annotate(ends_at=Subquery(_in_cool_off().values("usable_from")[:1]))
    last: datetime | None = ends.aggregate(last=Max("ends_at"))["last"]
    return last


def _count_statuses(payouts: QuerySet[Payout]) -> list[_Count]:
    """Count and sum the payouts by their status and by what halts them."""
    counts = payouts.order_by().annotate(halt=_halt()).values_list("status", "halt")
    found = counts.annotate(
        Count("id"), Sum("amount_cny"), Max("paid_at"), at_others=Count("id", filter=Q(account__company=None))
    )
    return [_Count(*row) for row in found]


def _halt() -> Case:
    """The `Halt` of a payout on its way, as an SQL expression; empty if nothing halts it."""
    suspended = Suspension.objects.filter(lifted_at=None).values("version")
    is_before, is_there = (Q(status__in=_statuses_of(stage)) for stage in ON_THE_WAY)
    return Case(
        When(is_before, fund__version__in=suspended, then=Value(Halt.SUSPENDED.value)),
        When(is_before & Q(Exists(_in_cool_off())), then=Value(Halt.ACCOUNT.value)),
        When(is_before, fund__bank__channel=Channel.FILE, then=Value(Halt.BATCH.value)),
        When(is_there, fund__bank__channel=Channel.FILE, then=Value(Halt.REPLY.value)),
        default=Value(""),
    )


def _in_cool_off() -> QuerySet[PayeeAccount]:
    """The account in use of a payout's payee, while nothing is paid to it yet."""
    same_payee = Q(company=OuterRef("account__company")) | Q(employee=OuterRef("account__employee"))
    same_payee |= Q(third_party=OuterRef("account__third_party"))
    return PayeeAccount.objects.filter(~Q(confirmation=""), same_payee, is_active=True, usable_from__gt=Now())


def find_unpaid_versions(*, company: Company) -> QuerySet[Payout, Any]:
    """Find the versions under which the company has payouts that have still to be sent to the bank."""
    return _find_unpaid_versions(_find_payouts(company))


def _find_unpaid_versions(payouts: QuerySet[Payout]) -> QuerySet[Payout, Any]:
    unsent = payouts.order_by().filter(status__in=[*_statuses_of(Stage.RESERVED), *_statuses_of(Stage.PUBLIC)])
    return unsent.values_list("fund__version", flat=True).distinct()


def find_claim(*, company: Company, payout_ids: Sequence[int]) -> int | None:
    """Find the claim that opened the first of these payouts of the company."""
    payouts = Payout.objects.filter(company=company, id__in=payout_ids).order_by("id")
    return payouts.values_list("claim_id", flat=True).first()


def paid_without_applying(*, company: Company) -> tuple[Automatic, ...]:
    """Sum the payouts that the automatic track has opened for the company, by policy."""
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


def find_claimed_codes(*, company: Company) -> frozenset[str]:
    """Find the codes of the policies that the company has claimed, even if an objection cancelled the payout."""
    rights = Entitlement.objects.filter(company=company, status=EntitlementStatus.CLAIMED)
    return frozenset(rights.order_by().values_list("policy__code", flat=True).distinct())


def _find_payouts(company: Company) -> QuerySet[Payout]:
    return Payout.objects.filter(company=company).order_by("-id")


def _count_objected(payouts: QuerySet[Payout]) -> int:
    waiting = Objection.objects.filter(triage=Triage.TAKEN_UP, is_upheld=None, publication__payout=OuterRef("pk"))
    return payouts.order_by().filter(Exists(waiting), status=Status.PUBLICISED).count()


def annotate_standing(payouts: QuerySet[Payout]) -> QuerySet[Payout, Any]:
    """Annotate payouts with their halts, the decisions on objections to them, and whether an official decides them."""
    objections = Objection.objects.filter(publication__payout=OuterRef("pk")).order_by()
    decided = objections.filter(is_upheld__isnull=False).order_by("-is_upheld", "pk").values("is_upheld")[:1]
    return payouts.annotate(
        is_objected_to=Exists(objections.filter(triage=Triage.TAKEN_UP, is_upheld=None)),
        was_upheld=Subquery(decided, output_field=BooleanField()),
        halt=_halt(),
        usable_from=Subquery(_in_cool_off().values("usable_from")[:1]),
        is_for_official=is_for_official(),
    )


def _find_objection_state(payout: Any) -> ObjectionState | None:
    if payout.status == Status.PUBLICISED and payout.is_objected_to:
        return ObjectionState.OPEN
    if payout.was_upheld is None:
        return None
    return ObjectionState.UPHELD if payout.was_upheld else ObjectionState.REJECTED


def _read_page(payouts: QuerySet[Payout], before: int | None, size: int = PAGE_SIZE) -> Page:
    if before:
        payouts = payouts.filter(id__lt=before)
    rows = list(select_for_lines(payouts)[: size + 1])
    older = rows[size - 1].pk if len(rows) > size else None
    return Page(tuple(make_line(payout) for payout in rows[:size]), older)


def select_for_lines(payouts: QuerySet[Payout]) -> QuerySet[Payout, Any]:
    """Select the payouts with all columns that `make_line` reads."""
    named = ("policy", "employee", "entitlement", "publication", "account__third_party")
    return annotate_standing(payouts).select_related(*named)


def make_line(payout: Any) -> PayoutLine:
    """Make the line of a payout that `annotate_standing` has annotated."""
    third_party = payout.account.third_party
    return PayoutLine(
        id=payout.pk,
        claim_id=payout.claim_id,
        code=payout.policy.code,
        title=payout.policy.title,
        about=_describe_subject(payout),
        amount_cny=payout.amount_cny,
        stage=STAGES[Status(payout.status)],
        status=str(Status(payout.status).label),
        reason=translate_reason(payout.moved_because),
        claimed_at=payout.claimed_at,
        paid_at=payout.paid_at,
        public_until=_public_until(payout),
        mend_by=compute_account_deadline(payout.moved_at) if _is_to_be_mended(payout) else None,
        third_party=third_party.name if third_party else "",
        objected=_find_objection_state(payout),
        halt=Halt(payout.halt) if payout.halt else None,
        is_for_official=payout.status in STOPPED and payout.is_for_official,
        usable_from=payout.usable_from,
    )


def _is_to_be_mended(payout: Any) -> bool:
    """Whether the payout goes on if the firm enters another account of its own."""
    return payout.status in STOPPED and payout.account.company_id is not None and not payout.is_for_official


def _public_until(payout: Payout) -> date | None:
    if payout.status != Status.PUBLICISED:
        return None
    return payout.publication.ends_on


def _describe_subject(payout: Payout) -> str:
    if payout.employee:
        return payout.employee.name
    key = payout.entitlement.subject_key
    if payout.entitlement.period_key or key.startswith(f"{Subject.COMPANY}:"):
        return payout.entitlement.period_key
    return name_in_key(key, company_id=payout.entitlement.company_id)


def _statuses_of(stage: Stage) -> list[Status]:
    return [status for status, its in STAGES.items() if its == stage]


class _Count(NamedTuple):
    status: str
    halt: str
    number: int
    amount_cny: Decimal
    last_paid_at: datetime | None
    at_others: int


def _sum_stages(rows: Sequence[_Count]) -> dict[Stage, StageSum]:
    stages = {STAGES[Status(row.status)] for row in rows}
    return {stage: _sum_rows([row for row in rows if STAGES[Status(row.status)] == stage]) for stage in stages}


def _sum_rows(rows: Sequence[_Count]) -> StageSum:
    return StageSum(sum(row.number for row in rows), sum((row.amount_cny for row in rows), Decimal(0)))
