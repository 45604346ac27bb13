"""Duties are separate in data: every way of giving the steps of a process to people is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from companies import operations as registers
from companies.models import User
from payouts import operations
from payouts.banks.gateway import Answer
from payouts.models import Blacklisting, Payout, Reply
from payouts.operations import SamePerson
from payouts.operations.replying import record
from payouts.operations.stepping import NotAnother
from payouts.states import Status
from policies import operations as policies
from policies.models import Track
from tests.factories import payouts as made
from tests.factories import policies as written
from tests.integration.test_shares import HALF, shared
from tests.integration.test_shares import paid as paid_by
from tests.integration.test_third_parties import entered
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

# A step takes who does it and what the step before left; it returns what the next one needs.
Step = Callable[[User, Any], Any]
REFUSALS = (SamePerson, NotAnother, registers.CheckedByMaker, policies.SameOfficer, policies.SuspendedByYourself)


@dataclass(frozen=True)
class Process:
    """
    Steps that follow each other, and the pairs of them that no one person may do.

    `begin` makes what the first step is about; the bank may be called for it.
    """

    steps: tuple[tuple[str, Step], ...]
    apart: frozenset[tuple[str, str]]
    begin: Callable[[], Any] = lambda: None

    @property
    def names(self) -> list[str]:
        return [name for name, _step in self.steps]


def apart(*pairs: str) -> frozenset[tuple[str, str]]:
    return frozenset((one, other) for one, _separator, other in (pair.partition(" ") for pair in pairs))


def paid() -> Payout:
    payout = made.payout()
    operations.send_due(gateway=Teller(), limit=100, now=made.NOW)
    operations.apply_replies(limit=100, now=made.NOW)
    return Payout.objects.get(pk=payout.pk)


def make(who: User, _before: Any) -> Any:
    batch = operations.open_batch(fund=made.by_files(1), actor=who, now=made.NOW)
    declared = {"declared_count": 1, "declared_sum_cny": Decimal(100)}
    return operations.seal_batch(batch=batch, **declared, actor=who, now=made.NOW)


def release(who: User, batch: Any) -> Any:
    batch = operations.release_batch(batch=batch, actor=who, now=made.NOW)
    record(answers=answers_of(batch), now=made.NOW)
    operations.apply_replies(limit=10, now=made.NOW)
    operations.reconcile_batches(now=made.NOW)
    batch.refresh_from_db()
    return batch


def answers_of(batch: Any) -> list[Any]:
    ids = batch.instructions.values_list("end_to_end_id", flat=True)
    return list(Teller()._heard(list(ids)).answers)


def ask(who: User, payout: Any) -> Any:
    return operations.ask_for_check(payout=payout, because="举报", actor=who, now=made.NOW)


def drawn() -> Any:
    """A check that nobody asked for."""
    payout = paid()
    version = payout.fund.version
    operations.plan_sampling(version=version, percentage=Decimal(100), actor=made.person("planner"), now=made.NOW)
    operations.draw_samples(now=made.NOW)
    return payout.checks.get()


def find(who: User, check: Any) -> Any:
    return operations.finish_check(check_id=check.pk, is_breach=True, finding="已停业", actor=who, now=made.NOW)


def demand(who: User, check: Any) -> Any:
    terms = {"amount_cny": Decimal(100), "fine_percentage": 20, "is_fraud": True, "because": "虚报"}
    return operations.demand(check=check, **terms, actor=who, now=made.NOW)


def repay(who: User, recovery: Any) -> Any:
    operations.record_repayment(
        recovery_id=recovery.pk,
        amount_cny=Decimal(120),
        received_on=made.TODAY,
        bank_reference=f"R{recovery.pk}",
        actor=who,
        now=made.NOW,
    )
    return recovery


def end(who: User, recovery: Any) -> Any:
    return operations.end_recovery(recovery_id=recovery.pk, actor=who, now=made.NOW)


def appeal(who: User, recovery: Any) -> Any:
    return operations.appeal_against(recovery=recovery, text="材料属实", actor=who, now=made.NOW)


def torn() -> Any:
    """A payment that the bank calls refused and made at the same moment."""
    payout = made.payout()
    operations.send_due(gateway=Teller(deaf=lambda _id: True), limit=100, now=made.NOW)
    said = [Answer(f"Q{payout.pk:015d}A01", outcome, made.NOW) for outcome in ("refused", "paid")]  # type: ignore[arg-type]
    record(answers=said, now=made.NOW)
    while operations.apply_replies(limit=100, now=made.NOW):
        pass
    return Reply.objects.get(instruction__payout=payout, outcome="paid")


def enter_finding(who: User, reply: Any) -> Any:
    return operations.enter_finding(reply_id=reply.pk, was_paid=True, because="柜台答复", actor=who, now=made.NOW)


def confirm_finding(who: User, finding: Any) -> Any:
    return operations.confirm_finding(finding_id=finding.pk, actor=who, now=made.NOW)


def decide_appeal(who: User, filed: Any) -> Any:
    return operations.decide_appeal(appeal_id=filed.pk, is_upheld=False, decision="不成立", actor=who, now=made.NOW)


def lift_listing(who: User, recovery: Any) -> Any:
    listed = Blacklisting.objects.get(recovery=recovery)
    return operations.lift_blacklisting(blacklisting_id=listed.pk, because="判决", actor=who, now=made.NOW)


def enter_grant(who: User, _before: Any) -> Any:
    return operations.enter_grant(
        version=made.version(), amount_cny=Decimal(5), because="预算", actor=who, now=made.NOW
    )


def book_settlement(who: User, payout: Any) -> Any:
    sides = {"fund": payout.fund, "district": payout.district, "debtor": "city", "creditor": "district"}
    told = {"amount_cny": Decimal(5), "reference": "V-1", "settled_on": made.TODAY}
    return operations.settle(**sides, **told, actor=who, now=made.NOW)


def object_to(who: User, _before: Any) -> Any:
    payout = made.payout(of=made.version(track=Track.PUBLICISED, publicise_days=3))
    assert payout.status == Status.PUBLICISED
    told = {"name": "王某", "contact": "13800000000", "text": "不属实"}
    return operations.object_to(payout_id=payout.pk, **told, recorded_by=who, now=made.NOW)


def decide_objection(who: User, objection: Any) -> Any:
    return operations.decide_objection(
        objection_id=objection.pk, is_upheld=False, decision="不成立", actor=who, now=made.NOW
    )


def write_in(who: User, version: Any) -> Any:
    policies.note_writer(version=version, actor=who)
    return version


def suspend(who: User, _before: Any) -> Any:
    version = made.version()
    policies.suspend(version=version, reason="核查", actor=who, now=made.NOW)
    return version


PROCESSES = {
    "a batch": Process(
        (
            ("make", make),
            ("check", lambda who, batch: operations.approve_batch(batch=batch, actor=who, now=made.NOW)),
            ("release", release),
            ("close", lambda who, batch: operations.close_batch(batch=batch, actor=who, now=made.NOW)),
        ),
        apart("make check", "make release", "check release", "release close"),
    ),
    "a grant": Process(
        (
            ("enter", enter_grant),
            ("approve", lambda who, grant: operations.approve_grant(grant_id=grant.pk, actor=who, now=made.NOW)),
        ),
        apart("enter approve"),
    ),
    "a settlement": Process(
        (
            ("book", book_settlement),
            ("confirm", lambda who, it: operations.confirm_settlement(settlement_id=it.pk, actor=who, now=made.NOW)),
        ),
        apart("book confirm"),
        begin=lambda: paid_by(shared(HALF, advance_payer="district")),
    ),
    "a third party's account": Process(
        (
            ("enter", lambda who, _before: entered(by=who.username)),
            ("check", lambda who, it: registers.check_account(account_id=it.pk, actor=who, now=made.NOW)),
        ),
        apart("enter check"),
    ),
    "a version": Process(
        (
            ("draft", lambda who, _before: written.draft("company.size != null", actor=who)),
            ("write", write_in),
            ("submit", lambda who, version: policies.submit(version=version, actor=who, now=made.NOW)),
            ("publish", lambda who, version: policies.publish(version=version, actor=who, now=made.NOW)),
        ),
        apart("draft publish", "write publish", "submit publish"),
    ),
    "a suspension": Process(
        (
            ("suspend", suspend),
            ("lift", lambda who, it: policies.lift(version=it, because="无误", actor=who, now=made.NOW)),
        ),
        apart("suspend lift"),
    ),
    "a finding about a payment": Process(
        (("enter", enter_finding), ("confirm", confirm_finding)), apart("enter confirm"), begin=torn
    ),
    "an objection": Process((("record", object_to), ("decide", decide_objection)), apart("record decide")),
    "a recovery": Process(
        (("ask", ask), ("find", find), ("demand", demand), ("repay", repay), ("end", end)),
        apart("ask find", "find demand", "demand end", "repay end"),
        begin=paid,
    ),
    "an appeal": Process(
        (("find", find), ("demand", demand), ("appeal", appeal), ("decide", decide_appeal)),
        apart("find demand", "find decide", "demand decide", "appeal decide"),
        begin=drawn,
    ),
    "a blacklisting": Process(
        (("find", find), ("demand", demand), ("lift", lift_listing)), apart("find demand", "demand lift"), begin=drawn
    ),
}


def castings(count: int) -> Iterator[tuple[int, ...]]:
    """Every way of giving so many steps to people, names aside: (0, 0), (0, 1), …"""

    def go(given: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(given) == count:
            yield given
            return
        for person in range(max(given, default=-1) + 2):
            yield from go((*given, person))

    return go(())


CASES = [(name, casting) for name, process in PROCESSES.items() for casting in castings(len(process.steps))]


def refused_at(process: Process, casting: Sequence[int]) -> str:
    """The first step that its person may not do, by what the person did before; "" when all goes well."""
    for place, name in enumerate(process.names):
        did = {process.names[before] for before in range(place) if casting[before] == casting[place]}
        if any((before, name) in process.apart for before in did):
            return name
    return ""


@pytest.mark.parametrize(("name", "casting"), CASES, ids=[f"{name}-{casting}" for name, casting in CASES])
def test_nobody_does_two_steps_that_are_apart(name: str, casting: tuple[int, ...]) -> None:
    process, stopped_at, refused_by = PROCESSES[name], "", None
    result = process.begin()
    for (step_name, step), person in zip(process.steps, casting, strict=True):
        try:
            with transaction.atomic():
                result = step(made.person(f"clerk-{person}"), result)
        except REFUSALS as refusal:
            stopped_at, refused_by = step_name, refusal.__cause__
            break
    # The database refuses; the sentence is made of its refusal.
    assert stopped_at == "" or isinstance(refused_by, IntegrityError)
    assert stopped_at == refused_at(process, casting)


def test_every_combination_is_tried() -> None:
    assert [len(list(castings(count))) for count in (2, 3, 4, 5)] == [2, 5, 15, 52]
    assert len(CASES) == 6 * 2 + 5 + 3 * 15 + 52
