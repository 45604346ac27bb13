"""The data keep duties separate: the test gives the steps of each process to people in every way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from companies.firms.third_parties import CheckedByMaker, check_account
from companies.models import User
from payouts.banks.gateway import Answer
from payouts.batches.assemble import open_batch, seal_batch
from payouts.batches.release import close_batch, reconcile_batches, release_batch
from payouts.batches.transition import DutyConflict
from payouts.controls.post_audit import ask_for_check, draw_samples, finish_check, plan_sampling
from payouts.ledger import grants
from payouts.ledger.shares import propose_settlement
from payouts.models import Blacklisting, Recovery, Reply
from payouts.publicity import publicise, triage
from payouts.recovery import penalties, recover
from payouts.recovery.recover import appeal_against, demand_repayment, end_recovery, record_repayment
from payouts.replies import clarify
from payouts.replies.apply import apply_replies, record_answers
from payouts.sending.send import send_due
from payouts.states import Status
from policies.authoring.breaker_terms import save_breaker
from policies.authoring.draft import note_writer
from policies.authoring.lift import propose_lifting
from policies.authoring.publish import SameOfficer, publish_version
from policies.authoring.review import submit_version
from policies.authoring.suspend import suspend_version
from policies.models import Breaker, Track
from qinqing.proposals.decide import SamePerson, confirm
from qinqing.proposals.propose import Concerned
from tests.factories import objections
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import act_for
from tests.factories.entitlements import make_version
from tests.factories.payouts import check_batch, make_file_fund, make_paid, make_payout
from tests.factories.penalties import HEARD, find_fraud, judge, make_ban, make_fine, make_fraud
from tests.factories.people import make_user
from tests.factories.policies import make_draft
from tests.integration.exceptions.test_third_parties import entered
from tests.integration.ledger.test_shares import HALF, shared
from tests.integration.ledger.test_shares import paid as paid_by
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

# A step takes its actor and the result of the step before; it returns what the next step needs.
Step = Callable[[User, Any], Any]
REFUSALS = (SamePerson, Concerned, DutyConflict, CheckedByMaker, SameOfficer)


@dataclass(frozen=True)
class Process:
    """
    Steps that follow each other, and the pairs of steps that no one person may take.

    `begin` makes the row that the first step is about, and may call the bank for it.
    """

    steps: tuple[tuple[str, Step], ...]
    apart: frozenset[tuple[str, str]]
    begin: Callable[[], Any] = lambda: None

    @property
    def names(self) -> list[str]:
        return [name for name, _step in self.steps]


def apart(*pairs: str) -> frozenset[tuple[str, str]]:
    return frozenset((one, other) for one, _separator, other in (pair.partition(" ") for pair in pairs))


def make(who: User, _before: Any) -> Any:
    batch = open_batch(fund=make_file_fund(1), actor=who, now=NOW)
    declared = {"declared_count": 1, "declared_sum_cny": Decimal(100)}
    return seal_batch(batch=batch, **declared, actor=who, now=NOW)


def release(who: User, batch: Any) -> Any:
    batch = release_batch(batch=batch, actor=who, now=NOW)
    record_answers(answers=answers_of(batch), now=NOW)
    apply_replies(limit=10, now=NOW)
    reconcile_batches(now=NOW)
    batch.refresh_from_db()
    return batch


def answers_of(batch: Any) -> list[Any]:
    ids = batch.instructions.values_list("end_to_end_id", flat=True)
    return list(Teller()._heard(list(ids)).answers)


def ask(who: User, payout: Any) -> Any:
    return ask_for_check(payout=payout, because="举报", actor=who, now=NOW)


def drawn() -> Any:
    """A check that the platform drew as a sample."""
    payout = make_paid()
    version = payout.fund.version
    plan_sampling(version=version, percentage=Decimal(100), actor=make_user("planner"), now=NOW)
    draw_samples(now=NOW)
    return payout.checks.get()


def find(who: User, check: Any) -> Any:
    return finish_check(check_id=check.pk, is_breach=True, finding="已停业", actor=who, now=NOW)


def demand(who: User, check: Any) -> Any:
    terms = {"amount_cny": Decimal(100), "because": "虚报"}
    return demand_repayment(check=check, **terms, actor=who, now=NOW)


def allege(who: User, recovery: Any) -> Any:
    return make_fraud(recovery, now=NOW - HEARD, proposer=who.username)


def convict(who: User, proposal: Any) -> Any:
    judge(proposal, by=who.username)
    return Recovery.objects.get(pk=proposal.subject_id)


def propose_fine(who: User, recovery: Any) -> Any:
    return make_fine(recovery, now=NOW - HEARD, proposer=who.username)


def propose_ban(who: User, recovery: Any) -> Any:
    return make_ban(recovery, now=NOW - HEARD, proposer=who.username)


def ban(who: User, proposal: Any) -> Any:
    judge(proposal, by=who.username)
    return Blacklisting.objects.get(recovery=proposal.subject_id)


def repay(who: User, recovery: Any) -> Any:
    record_repayment(
        recovery_id=recovery.pk,
        amount_cny=Decimal(100),
        received_on=TODAY,
        bank_reference=f"R{recovery.pk}",
        actor=who,
        now=NOW,
    )
    return recovery


def end(who: User, recovery: Any) -> Any:
    return end_recovery(recovery_id=recovery.pk, actor=who, now=NOW)


def appeal(who: User, recovery: Any) -> Any:
    return appeal_against(recovery=recovery, text="材料属实", actor=act_for(recovery.payout.company, who), now=NOW)


def torn() -> Any:
    """A payment that the bank reports as refused and made at the same moment."""
    payout = make_payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=100, now=NOW)
    said = [Answer(f"Q{payout.pk:015d}A01", outcome, NOW) for outcome in ("refused", "paid")]  # type: ignore[arg-type]
    record_answers(answers=said, now=NOW)
    while apply_replies(limit=100, now=NOW):
        pass
    return Reply.objects.get(instruction__payout=payout, outcome="paid")


def enter_finding(who: User, reply: Any) -> Any:
    return clarify.propose_finding(reply_id=reply.pk, was_paid=True, because="柜台答复", actor=who, now=NOW)


def confirm_finding(who: User, finding: Any) -> Any:
    return confirm(proposal_id=finding.pk, actor=who, now=NOW)


def decide_appeal(who: User, filed: Any) -> Any:
    return recover.decide_appeal(appeal_id=filed.pk, is_upheld=False, decision="不成立", actor=who, now=NOW)


def plead(who: User, listed: Any) -> Any:
    return penalties.propose_lifting(blacklisting=listed, because="判决", actor=who, now=NOW)


def lift(who: User, proposal: Any) -> Any:
    return judge(proposal, by=who.username)


def checked() -> Any:
    """A check that found a breach, by somebody who takes no further part."""
    return find(make_user("finder"), drawn())


def fraudulent() -> Any:
    """A demand that others found to be for fraud."""
    return find_fraud(demand(make_user("demander"), checked()))


def enter_grant(who: User, _before: Any) -> Any:
    return grants.propose_grant(version=make_version(), amount_cny=Decimal(5), because="预算", actor=who, now=NOW)


def book_settlement(who: User, payout: Any) -> Any:
    sides = {"fund": payout.fund, "district": payout.district, "debtor": "city", "creditor": "district"}
    told = {"amount_cny": Decimal(5), "reference": "V-1", "settled_on": TODAY}
    return propose_settlement(**sides, **told, actor=who, now=NOW)


def object_to(who: User, _before: Any) -> Any:
    payout = make_payout(of=make_version(track=Track.PUBLICISED, publicise_days=3))
    assert payout.status == Status.PUBLICISED
    told = {"name": "王某", "contact": "13800000000", "text": "不属实"}
    return publicise.object_to(payout_id=payout.pk, **told, recorded_by=who, now=NOW)


def decide_objection(who: User, objection: Any) -> Any:
    return publicise.decide_objection(objection_id=objection.pk, is_upheld=False, decision="不成立", actor=who, now=NOW)


def write_in(who: User, version: Any) -> Any:
    note_writer(version=version, actor=who)
    return version


def suspend(who: User, _before: Any) -> Any:
    version = make_version()
    suspend_version(version=version, reason="核查", actor=who, now=NOW)
    return version


def loosen(who: User, breaker: Any) -> Any:
    breaker.payees_per_account += 1
    return save_breaker(breaker=breaker, because="集团", actor=who, now=NOW)


def sent_objection() -> Any:
    payout = make_payout(of=make_version(track=Track.PUBLICISED, publicise_days=3))
    told = {"name": "王某", "contact": "wang@example.com", "text": "不属实"}
    return objections.confirm(publicise.object_to(payout_id=payout.pk, **told, now=NOW), now=NOW)


def take_up(who: User, objection: Any) -> Any:
    return triage.take_up(objection_id=objection.pk, actor=who, now=NOW)


PROCESSES = {
    "a batch": Process(
        (
            ("make", make),
            ("check", lambda who, batch: check_batch(batch=batch, actor=who, now=NOW)),
            ("release", release),
            ("close", lambda who, batch: close_batch(batch=batch, actor=who, now=NOW)),
        ),
        apart("make check", "make release", "check release", "release close"),
    ),
    "a grant": Process(
        (
            ("enter", enter_grant),
            ("approve", lambda who, grant: confirm(proposal_id=grant.pk, actor=who, now=NOW)),
        ),
        apart("enter approve"),
    ),
    "a settlement": Process(
        (
            ("book", book_settlement),
            ("confirm", lambda who, it: confirm(proposal_id=it.pk, actor=who, now=NOW)),
        ),
        apart("book confirm"),
        begin=lambda: paid_by(shared(HALF, advance_payer="district")),
    ),
    "a third party's account": Process(
        (
            ("enter", lambda who, _before: entered(by=who.username)),
            ("check", lambda who, it: check_account(account_id=it.pk, actor=who, now=NOW)),
        ),
        apart("enter check"),
    ),
    "a version": Process(
        (
            ("draft", lambda who, _before: make_draft("company.size != null", actor=who)),
            ("write", write_in),
            ("submit", lambda who, version: submit_version(version=version, actor=who, now=NOW)),
            ("publish", lambda who, version: publish_version(version=version, actor=who, now=NOW)),
        ),
        apart("draft publish", "write publish", "submit publish"),
    ),
    "a suspension": Process(
        (
            ("suspend", suspend),
            ("propose", lambda who, it: propose_lifting(version=it, because="无误", actor=who, now=NOW)),
            ("lift", lambda who, it: confirm(proposal_id=it.pk, actor=who, now=NOW)),
        ),
        apart("propose lift"),
    ),
    "a finding about a payment": Process(
        (("enter", enter_finding), ("confirm", confirm_finding)), apart("enter confirm"), begin=torn
    ),
    "a looser breaker": Process(
        (("propose", loosen), ("confirm", lambda who, it: confirm(proposal_id=it.pk, actor=who, now=NOW))),
        apart("propose confirm"),
        begin=lambda: Breaker.objects.create(policy=make_version().policy),
    ),
    "an objection": Process((("record", object_to), ("decide", decide_objection)), apart("record decide")),
    "an objection of the public": Process(
        (("take-up", take_up), ("decide", decide_objection)), apart("take-up decide"), begin=sent_objection
    ),
    "a recovery": Process(
        (("ask", ask), ("find", find), ("demand", demand), ("repay", repay), ("end", end)),
        apart("ask find", "find demand", "demand end", "repay end"),
        begin=make_paid,
    ),
    "an appeal": Process(
        (("find", find), ("demand", demand), ("appeal", appeal), ("decide", decide_appeal)),
        apart("find demand", "find decide", "demand decide", "appeal decide"),
        begin=drawn,
    ),
    "fraud": Process(
        (("find", find), ("demand", demand), ("propose", allege), ("confirm", convict)),
        apart("find demand", "find propose", "find confirm", "propose confirm"),
        begin=drawn,
    ),
    "a fine": Process(
        (("propose", propose_fine), ("confirm", lambda who, it: judge(it, by=who.username))),
        apart("propose confirm"),
        begin=fraudulent,
    ),
    "a ban and its end": Process(
        (("propose", propose_ban), ("confirm", ban), ("plead", plead), ("lift", lift)),
        apart("propose confirm", "propose plead", "confirm plead", "propose lift", "confirm lift", "plead lift"),
        begin=fraudulent,
    ),
    "an appeal against fraud": Process(
        (("propose", allege), ("confirm", convict), ("appeal", appeal), ("decide", decide_appeal)),
        apart("propose confirm", "propose decide", "confirm decide", "appeal decide"),
        begin=lambda: demand(make_user("demander"), checked()),
    ),
}


def castings(count: int) -> Iterator[tuple[int, ...]]:
    """Every way to give this many steps to people, whatever their names: (0, 0), (0, 1), …"""

    def go(given: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(given) == count:
            yield given
            return
        for person in range(max(given, default=-1) + 2):
            yield from go((*given, person))

    return go(())


CASES = [(name, casting) for name, process in PROCESSES.items() for casting in castings(len(process.steps))]


def refused_at(process: Process, casting: Sequence[int]) -> str:
    """The first step that its person may not take because of an earlier one; "" if there is none."""
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
                result = step(make_user(f"clerk-{person}"), result)
        except REFUSALS as refusal:
            stopped_at, refused_by = step_name, refusal.__cause__
            break
    # The database refuses; the sentence translates its refusal.
    assert stopped_at == "" or isinstance(refused_by, IntegrityError)
    assert stopped_at == refused_at(process, casting)


def test_every_combination_is_tried() -> None:
    assert [len(list(castings(count))) for count in (2, 3, 4, 5)] == [2, 5, 15, 52]
    assert len(CASES) == 8 * 2 + 5 + 6 * 15 + 52
