"""Judges a run: compares the books of the platform with the books of the bank, payout by payout."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum

from payouts.banks.gateway import BankBooks, ExecutedPayment
from payouts.controls.reconcile import invariants
from payouts.models import Fund, Payout, Reply
from payouts.states import SETTLED, Status

# The statuses in which a payout may stay: paid; or refused or returned by a bank, which a person looks at.
AT_REST = (Status.PAID, Status.FAILED, Status.RETURNED)


@dataclass(slots=True)
class Verdict:
    """
    The counts of the judge; `troubles` has a sentence about each.

    `lost` are claims without a payout, and payouts that are not at rest; `imbalances` are books that do not agree.
    """

    payouts: int = 0
    paid: int = 0
    refused: int = 0
    returned: int = 0
    contradictions: int = 0
    double_payments: int = 0
    lost: int = 0
    imbalances: int = 0
    troubles: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether everybody was paid once, or has a payout that a person looks at."""
        return not (self.double_payments or self.lost or self.imbalances or self.troubles)


@dataclass(frozen=True, slots=True)
class Statement:
    """The bank's books, read once."""

    payments: Sequence[ExecutedPayment]

    def list_executed(self) -> Iterator[ExecutedPayment]:
        """Every executed payment, once."""
        yield from self.payments

    def by_payout(self) -> dict[int, list[ExecutedPayment]]:
        """The payments by payout; the purpose that the bank has stored ends in the payout's number."""
        found: dict[int, list[ExecutedPayment]] = defaultdict(list)
        for payment in self.payments:
            found[int(payment.purpose.split()[-1])].append(payment)
        return found


def judge_run(wanted: Collection[int], *, bank: BankBooks) -> Verdict:
    """
    Judge the entitlements of a run by the bank's books, and the books of the platform by each other.

    The platform's own proof is asked too, but it is not enough: each payout of the run is looked up in the bank's
    statement.
    """
    statement = Statement(tuple(bank.list_executed()))
    payouts = list(Payout.objects.filter(entitlement__in=wanted).exclude(status=Status.CANCELLED).order_by("pk"))
    verdict = Verdict(payouts=len(payouts))
    _count(verdict, payouts)
    _count_lost(verdict, wanted, payouts)
    _compare_with_statement(verdict, payouts, statement)
    _compare_sums(verdict, statement)
    _ask_the_platform(verdict, statement)
    return verdict


def count_at_rest(wanted: Collection[int]) -> int:
    """How many of these entitlements have a payout at rest."""
    return Payout.objects.filter(entitlement__in=wanted, status__in=AT_REST).count()


def _count(verdict: Verdict, payouts: Sequence[Payout]) -> None:
    standing = [payout.status for payout in payouts]
    verdict.paid = standing.count(Status.PAID)
    verdict.refused = standing.count(Status.FAILED)
    verdict.returned = standing.count(Status.RETURNED)
    said = Reply.objects.filter(instruction__payout__in=payouts)
    verdict.contradictions = said.exclude(contradicted_status="").count()


def _count_lost(verdict: Verdict, wanted: Collection[int], payouts: Sequence[Payout]) -> None:
    resting = [payout.entitlement_id for payout in payouts if payout.status in AT_REST]
    if restless := len(set(wanted) - set(resting)):
        verdict.lost += restless
        verdict.troubles.append(f"{restless} of {len(wanted)} entitlements came to no rest.")
    if double := len(payouts) - len({payout.entitlement_id for payout in payouts}):
        verdict.double_payments += double
        verdict.troubles.append(f"{double} entitlements have a second payout.")


def _compare_with_statement(verdict: Verdict, payouts: Sequence[Payout], statement: Statement) -> None:
    executed = statement.by_payout()
    for payout in payouts:
        amounts = [Decimal(payment.amount_cny) for payment in executed.get(payout.pk, ())]
        if len(amounts) > 1:
            verdict.double_payments += 1
            verdict.troubles.append(f"The bank executed payout {payout.pk} {len(amounts)} times.")
        elif amounts != ([payout.amount_cny] if payout.status in SETTLED else []):
            verdict.imbalances += 1
            verdict.troubles.append(f"Payout {payout.pk} is {payout.status}, but the bank executed {amounts}.")


def _compare_sums(verdict: Verdict, statement: Statement) -> None:
    theirs = sum((Decimal(payment.amount_cny) for payment in statement.payments), Decimal())
    ours = Fund.objects.aggregate(total=Sum("disbursed_cny"))["total"] or Decimal()
    if theirs != ours:
        verdict.imbalances += 1
        verdict.troubles.append(f"The bank paid {theirs}, our funds disbursed {ours}.")


def _ask_the_platform(verdict: Verdict, statement: Statement) -> None:
    proof = invariants(bank_books=statement)
    verdict.double_payments = max(verdict.double_payments, proof.double_payments)
    verdict.lost += proof.lost
    verdict.imbalances += (not proof.books_balance) + (not proof.bank_agrees)
    verdict.troubles += proof.troubles
