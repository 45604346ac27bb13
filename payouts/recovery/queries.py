"""Queries on recoveries: repayments, debts, and the view for the firm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import F, Q, QuerySet, Sum

from companies.models import Company
from payouts.formats.exports.lines import Payer
from payouts.models import Claim, Instruction, Payout, Recovery
from payouts.models.audit.recovery import APPEALS_PER_RECOVERY
from qinqing.kernel.text import Bilingual

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Repaid:
    """The repayments of a recovery so far, in yuan."""

    principal_cny: Decimal
    fine_cny: Decimal

    @property
    def total_cny(self) -> Decimal:
        """The repaid principal and fine together."""
        return self.principal_cny + self.fine_cny


def repaid(*, recovery: Recovery) -> Repaid:
    """Sum the repayments of a recovery so far."""
    sums = recovery.repayments.aggregate(principal=Sum("principal_cny"), fine=Sum("fine_cny"))
    return Repaid(sums["principal"] or NOTHING, sums["fine"] or NOTHING)


def owed_cny(*, recovery: Recovery) -> Decimal:
    """The amount of a recovery that is still owed, in yuan."""
    if recovery.ended_as:
        return NOTHING
    demanded: Decimal = recovery.amount_cny + recovery.fine_cny
    return demanded - repaid(recovery=recovery).total_cny


def list_repaid_recoveries() -> QuerySet[Recovery]:
    """The open demands that are repaid in full."""
    came_in = Recovery.objects.filter(ended_as="").annotate(
        principal=Sum("repayments__principal_cny"), fine=Sum("repayments__fine_cny")
    )
    return came_in.filter(principal=F("amount_cny"), fine=F("fine_cny"))


def list_recoveries(*, company: Company) -> QuerySet[Recovery]:
    """All demands that a company ever got, newest first."""
    found = Recovery.objects.filter(payout__company=company)
    return found.select_related("payout__policy", "payout__fund__bank", "check_found").order_by("-pk")


@dataclass(frozen=True, slots=True)
class AskedBack:
    """The sum demanded back of a claim's payouts, in yuan without fines, and the ids of the demands, oldest first."""

    amount_cny: Decimal
    recoveries: tuple[int, ...]
    # Whether a demand is still open; otherwise everything is repaid.
    is_open: bool


def asked_back(*, claim: Claim) -> AskedBack:
    """Sum the demands on a claim's payouts, without those that were withdrawn or ended by the bank's return."""
    void = (Recovery.End.WITHDRAWN, Recovery.End.CAME_BACK)
    demands = Recovery.objects.filter(payout__claim=claim).exclude(ended_as__in=void).order_by("pk")
    is_over = Q(ended_as=Recovery.End.REPAID) | Q(pk__in=list_repaid_recoveries().values("pk"))
    rows = list(demands.annotate(is_over=is_over).values_list("pk", "amount_cny", "is_over"))
    total = sum((amount for _pk, amount, _over in rows), NOTHING)
    return AskedBack(total, tuple(pk for pk, _amount, _over in rows), not all(over for *_row, over in rows))


@dataclass(frozen=True, slots=True)
class ShownAppeal:
    """An appeal as the firm reads it; `is_upheld` is None while the appeal is open."""

    text: str
    filed_at: datetime
    is_upheld: bool | None
    decision: str


@dataclass(frozen=True, slots=True)
class ShownRecovery:
    """A demand as the firm reads it, in yuan."""

    id: int
    payout_id: int
    code: str
    title: Bilingual
    because: str
    finding: str
    amount_cny: Decimal
    fine_percentage: int
    fine_cny: Decimal
    repaid: Repaid
    owed_cny: Decimal
    due_on: date
    ended_as: str
    repayments: tuple[tuple[date, Decimal], ...]
    # The account to repay to, from which the money came. It is the government's own, so it is shown unmasked.
    payer: Payer
    appeals: tuple[ShownAppeal, ...]

    @property
    def may_appeal(self) -> bool:
        """Whether the firm can file an appeal now."""
        is_waiting = any(appeal.is_upheld is None for appeal in self.appeals)
        return not self.ended_as and not is_waiting and len(self.appeals) < APPEALS_PER_RECOVERY


def present_to_firm(*, recovery: Recovery) -> ShownRecovery:
    """Present a demand with its repayments and appeals to the firm."""
    policy = recovery.payout.policy
    appeals = recovery.appeals.order_by("pk").values_list("text", "filed_at", "is_upheld", "decision")
    parts = recovery.repayments.order_by("pk").values_list("received_on", "principal_cny", "fine_cny")
    return ShownRecovery(
        id=recovery.pk,
        payout_id=recovery.payout_id,
        code=policy.code,
        title=policy.title,
        because=recovery.because,
        finding=recovery.check_found.finding,
        amount_cny=recovery.amount_cny,
        fine_percentage=recovery.fine_percentage,
        fine_cny=recovery.fine_cny,
        repaid=repaid(recovery=recovery),
        owed_cny=owed_cny(recovery=recovery),
        due_on=recovery.due_on,
        ended_as=recovery.ended_as,
        payer=_payer(recovery.payout),
        repayments=tuple((received_on, principal + fine) for received_on, principal, fine in parts),
        appeals=tuple(ShownAppeal(*each) for each in appeals),
    )


def _payer(payout: Payout) -> Payer:
    """The account that paid a payout: as its batch names it, else the bank of its fund, else the settings."""
    sealed = Instruction.objects.filter(payout=payout, batch__payer_account__gt="")
    columns = ("batch__payer_name", "batch__payer_account", "batch__payer_bank_number")
    if stamped := sealed.order_by("-attempt").values_list(*columns).first():
        return Payer(*stamped)
    if bank := payout.fund.bank:
        return Payer(bank.payer_name, bank.payer_account, bank.payer_bank_number)
    return Payer(settings.PAYER_NAME, settings.PAYER_ACCOUNT, settings.PAYER_BANK_NUMBER)
