"""One run: payouts are claimed and paid while faults fall, and then everything is counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection
from django.utils.timezone import now

from payouts.banks.http import HttpBank
from payouts.models import Payout
from payouts.operations import AlreadyClaimed, claim
from payouts.queries import Invariants, invariants
from payouts.states import Status
from policies.models import Entitlement
from qinqing.kernel.statements import in_chunks
from tests.factories import payouts as made
from tests.faults.course import Fault, course
from tests.faults.owners import click_all, owner_of, session_of
from tests.faults.stage import TOKEN, Stage

# Claims come in small slices, so that payouts are at every step of their way whenever a fault falls.
SLICES, SLICE, CLICKED, AMOUNT_CNY = 28, 10, 20, 100
PAUSE_SECONDS = 0.1
LONGEST_SECONDS = 120
# Where a payout may stay without anybody having to do anything: paid, or refused by the bank for a clerk to look at.
AT_REST = (Status.PAID, Status.FAILED)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Run:
    """
    What came out of one run.

    `lost` are claims without a payout or payouts that came to no rest; `imbalances` are books that do not agree.
    """

    seed: int
    faults: tuple[Fault, ...]
    payouts: int
    paid: int
    refused: int
    double_payments: int
    lost: int
    imbalances: int
    seconds: float
    troubles: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return not (self.double_payments or self.lost or self.imbalances)


def run(seed: int, *, stage: Stage) -> Run:
    """Play the course of a seed on the stage."""
    start = time.perf_counter()
    faults = course(seed)
    claimed, clicked = _prepared(SLICES * SLICE), _prepared(CLICKED)
    wanted = claimed + clicked
    progress = Progress()
    busy = [Thread(target=_claim_slices, args=[claimed, progress]), _clicking(stage, clicked)]
    for each in busy:
        each.start()
    _play(faults, stage, progress)
    for each in busy:
        each.join()
    _wait_for_rest(wanted, stage)
    bank = HttpBank(url=stage.bank_address, token=TOKEN, timeout_seconds=20)
    proof = patiently(lambda: invariants(bank_books=bank))
    bank.close()
    return _counted(seed, faults, wanted, proof, time.perf_counter() - start)


def _prepared(count: int) -> list[int]:
    """Open entitlements of as many firms, and the money for them."""
    version = patiently(lambda: made.version(granted_cny=count * AMOUNT_CNY))
    return patiently(lambda: made.entitlements(count, of=version, amount_cny=AMOUNT_CNY))


@dataclass(slots=True)
class Progress:
    """How far the claims are, from 0 to 1."""

    share: float = 0.0


def _claim_slices(wanted: Sequence[int], progress: Progress) -> None:
    """Claim as the platform does for the automatic track, slice by slice."""
    for number, slice_ in enumerate(in_chunks(wanted, SLICE), start=1):
        patiently(lambda slice_=slice_: _claim(slice_))
        progress.share = number / SLICES
        time.sleep(PAUSE_SECONDS)
    connection.close()


def _claim(wanted: Sequence[int]) -> None:
    try:
        claim(entitlement_ids=wanted, company=None, commitment="", actor=None, now=now())
    except AlreadyClaimed:
        # The connection was cut after the commit: what was claimed stays claimed.
        return


def _clicking(stage: Stage, wanted: Sequence[int]) -> Thread:
    entitled = Entitlement.objects.filter(pk__in=wanted).select_related("company").order_by("pk")
    companies = [entitlement.company for entitlement in entitled]
    session = session_of(owner_of(companies))
    codes = [company.credit_code for company in companies]
    asked = {"address": stage.web_address, "session": session, "credit_codes": codes}
    return Thread(target=click_all, kwargs=asked)


def _play(faults: Sequence[Fault], stage: Stage, progress: Progress) -> None:
    waiting, present = list(faults), dict[Fault, float]()
    while waiting or present:
        if waiting and progress.share >= waiting[0].after_share:
            fault = waiting.pop(0)
            stage.begin(fault)
            present[fault] = time.monotonic() + fault.lasts_seconds
        for fault in [fault for fault, until in present.items() if until <= time.monotonic()]:
            stage.end(fault)
            del present[fault]
        time.sleep(0.02)


def _wait_for_rest(wanted: Sequence[int], stage: Stage) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline and patiently(lambda: _resting(wanted)) < len(wanted):
        stage.keep_up()
        time.sleep(0.2)


def _resting(wanted: Sequence[int]) -> int:
    return Payout.objects.filter(entitlement__in=wanted, status__in=AT_REST).count()


def _counted(seed: int, faults: tuple[Fault, ...], wanted: Sequence[int], proof: Invariants, seconds: float) -> Run:
    payouts = Payout.objects.filter(entitlement__in=wanted).exclude(status=Status.CANCELLED)
    troubles = list(proof.troubles)
    restless = len(wanted) - payouts.filter(status__in=AT_REST).values("entitlement").distinct().count()
    if restless:
        troubles.append(f"{restless} of {len(wanted)} entitlements came to no rest.")
    return Run(
        seed=seed,
        faults=faults,
        payouts=payouts.count(),
        paid=payouts.filter(status=Status.PAID).count(),
        refused=payouts.filter(status=Status.FAILED).count(),
        double_payments=proof.double_payments,
        lost=proof.lost + restless,
        imbalances=(not proof.books_balance) + (not proof.bank_agrees),
        seconds=round(seconds, 1),
        troubles=tuple(troubles),
    )


def patiently(ask: Callable[[], Answer]) -> Answer:
    """The answer of the database, which may be away for a moment."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            return ask()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
