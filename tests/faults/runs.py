"""One run: payouts are claimed and paid during faults, and then everything is counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Thread

from django.db import connection
from django.utils.timezone import now

from payouts.banks.http import HttpBank
from payouts.claims.refusals import AlreadyClaimed, NotOpen
from policies.models import Entitlement, PolicyVersion, Suspension
from qinqing.kernel.database.statements import in_chunks
from qinqing.kernel.refusals import Refusal
from tests.factories.claims import claim_entitlements
from tests.factories.decisions import lift_by_two
from tests.factories.entitlements import make_entitlements, make_version
from tests.faults.course import AT_THE_DESK, Fault, FaultKind, course
from tests.faults.desk import Desk, pay_by_files
from tests.faults.judge import Verdict, count_at_rest, judge_run
from tests.faults.owners import click_all, owner_of, session_of
from tests.faults.patience import LONGEST_SECONDS, retry
from tests.faults.stage import TOKEN, Stage

# Claims come in small slices, so that payouts are in every status when a fault begins.
SLICES, SLICE, CLICKED, BY_FILE, AMOUNT_CNY = 28, 10, 20, 40, 100
PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Run:
    """
    What came out of one run: the judge's verdict, and how often each fault met something to spoil.

    `seconds` is how long it took; `waiting_seconds` of these, when all was claimed and the rest was waited for.
    """

    seed: int
    faults: tuple[Fault, ...]
    struck: Counter[FaultKind]
    verdict: Verdict
    seconds: float
    waiting_seconds: float

    @property
    def is_clean(self) -> bool:
        return self.verdict.is_clean


def run(seed: int, *, stage: Stage) -> Run:
    """Play the faults of a seed on the stage."""
    start = time.perf_counter()
    faults = course(seed)
    stage.struck.clear()
    claimed, clicked, by_file = (_make_claimable(count) for count in (SLICES * SLICE, CLICKED, BY_FILE))
    progress = Progress()
    desk = _desk(stage, by_file, faults)
    busy = [
        Thread(target=_claim_slices, args=[claimed[1], progress], daemon=True),
        _click_as_owners(stage, clicked[1]),
        Thread(target=_claim_and_play, args=[by_file[1], desk], daemon=True),
    ]
    for each in busy:
        each.start()
    _play([fault for fault in faults if fault.kind not in AT_THE_DESK], stage, progress)
    waiting_since = time.perf_counter()
    wanted = [*claimed[1], *clicked[1], *by_file[1]]
    _wait_for_rest(wanted, stage, busy)
    verdict = _judge(wanted, stage)
    verdict.troubles += desk.troubles
    over = time.perf_counter()
    struck = stage.struck + Counter(desk.struck)
    return Run(seed, faults, struck, verdict, round(over - start, 1), round(over - waiting_since, 1))


def _make_claimable(count: int) -> tuple[PolicyVersion, list[int]]:
    """A version with money, and open entitlements of as many firms."""
    version = retry(lambda: make_version(granted_cny=count * AMOUNT_CNY, closes_on=None))
    return version, retry(lambda: make_entitlements(count, of=version, amount_cny=AMOUNT_CNY))


def _desk(stage: Stage, by_file: tuple[PolicyVersion, list[int]], faults: Sequence[Fault]) -> Desk:
    kinds = {fault.kind for fault in faults} & AT_THE_DESK
    return Desk(retry(lambda: pay_by_files(by_file[0])), stage.bank, kinds)


def _claim_and_play(wanted: Sequence[int], desk: Desk) -> None:
    retry(lambda: _claim(wanted))
    desk.play()


@dataclass(slots=True)
class Progress:
    """The share of the claims that are made, from 0 to 1."""

    share: float = 0.0


def _claim_slices(wanted: Sequence[int], progress: Progress) -> None:
    """Claim slice by slice, as the platform does for the automatic track."""
    for number, slice_ in enumerate(in_chunks(wanted, SLICE), start=1):
        retry(lambda slice_=slice_: _claim(slice_))
        progress.share = number / SLICES
        time.sleep(PAUSE_SECONDS)
    connection.close()


def _claim(wanted: Sequence[int]) -> None:
    try:
        claim_entitlements(entitlement_ids=wanted, company=None, commitment="", actor=None, now=now())
    except (AlreadyClaimed, NotOpen):
        # The connection was cut after the commit: the claims stay, or some were cancelled since.
        return


def _click_as_owners(stage: Stage, wanted: Sequence[int]) -> Thread:
    entitled = Entitlement.objects.filter(pk__in=wanted).select_related("company").order_by("pk")
    companies = [entitlement.company for entitlement in entitled]
    session = session_of(owner_of(companies))
    codes = [company.credit_code for company in companies]
    asked = {"address": stage.web_address, "session": session, "credit_codes": codes}
    return Thread(target=click_all, kwargs=asked, daemon=True)


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


def _wait_for_rest(wanted: Sequence[int], stage: Stage, busy: Sequence[Thread]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while any(each.is_alive() for each in busy) or retry(lambda: count_at_rest(wanted)) < len(wanted):
        if time.monotonic() > deadline:
            return
        stage.keep_up()
        retry(_lift_suspensions)
        time.sleep(0.2)


def _lift_suspensions() -> None:
    """Lift suspensions by two officers: the circuit breaker may suspend a policy whose payouts the bank refuses."""
    for pause in Suspension.objects.filter(lifted_at=None).select_related("version").order_by("pk"):
        try:
            lift_by_two(pause.version, because="the bank was ill", now=now())
        except Refusal:
            continue


def _judge(wanted: Sequence[int], stage: Stage) -> Verdict:
    bank = HttpBank(url=stage.bank_address, token=TOKEN, timeout_seconds=20)
    try:
        return retry(lambda: judge_run(wanted, bank=bank))
    finally:
        bank.close()
