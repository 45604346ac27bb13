"""
Histories of claims, payments, doubts, refusals, objections, returns and recoveries that nobody would think of.

After every step the books balance and nobody was paid twice. At the end, when the bank is well again, every payout
rests in a status of `AT_REST`, and the bank's books agree with ours.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import TestCase
from django.utils.timezone import localdate
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from payouts.claims.refusals import AlreadyClaimed
from payouts.ledger.move import IllegalMove
from payouts.models import Appeal, Instruction, Objection
from payouts.publicity.publicise import OPEN_OBJECTIONS_PER_PAYOUT, NotPublicised
from payouts.recovery.queries import owed_cny
from payouts.states import MOVES, Role, Status
from policies.models import EntitlementStatus
from tests.generative.histories import (
    AMOUNT_CNY,
    EVERYTHING,
    MOODS,
    SHOWN,
    History,
    appealable,
    fully_repaid,
    still_owed,
    untouched,
)
from tests.profiles import examples

S = Status
# No act leaves a payout in `requested` or `reserved`: a claim passes them within its transaction. A clerk may still
# cancel from them, which `tests/integration/ledger/test_payout_guards.py` does.
PASSED_WITHIN_A_CLAIM = {(S.REQUESTED, S.CANCELLED), (S.RESERVED, S.CANCELLED)}
NOT_CANCELLED = (S.SENT, S.IN_DOUBT, S.PAID, S.CANCELLED, S.RECOVERING, S.RECOVERED)


class Example(TestCase):
    """Lends its transaction to one history, so that the next history finds an empty database."""

    databases = frozenset({"default"})


class PayoutHistories(RuleBasedStateMachine):
    """All acts of `History`, in any order; each rule is one act."""

    history: History

    @initialize()
    def open(self) -> None:
        self.atomics = Example._enter_atomics()
        self.history = History()
        self.history.claim(self.history.wanted[::2])

    @precondition(lambda self: self.history.bank.late)
    @rule()
    def arrive(self) -> None:
        self.history.bank.arrive()

    @rule(seconds=st.sampled_from((1, 10, 40, 200, 86_400 * 4)))
    def wait(self, seconds: int) -> None:
        self.history.wait(seconds)

    @precondition(lambda self: self.history.standing(EntitlementStatus.OPEN))
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        open_ones = self.history.standing(EntitlementStatus.OPEN)
        self.history.claim(data.draw(st.lists(st.sampled_from(open_ones), min_size=1, unique=True)))

    @precondition(lambda self: self.history.standing(EntitlementStatus.CLAIMED))
    @rule(data=st.data())
    def claim_again(self, data: st.DataObject) -> None:
        claimed = self.history.standing(EntitlementStatus.CLAIMED)
        standing = (payout for payout in self.history.payouts() if payout.status != S.CANCELLED)
        live = [payout.entitlement_id for payout in standing if payout.entitlement_id in claimed]
        if live:
            with pytest.raises(AlreadyClaimed):
                self.history.claim([data.draw(st.sampled_from(live))])

    @rule(limit=st.integers(1, EVERYTHING), mood=st.sampled_from(MOODS))
    def send(self, limit: int, mood: str) -> None:
        self.history.send(limit, mood)

    @rule(mood=st.sampled_from(MOODS))
    def ask(self, mood: str) -> None:
        self.history.ask(mood)

    @rule()
    def apply(self) -> None:
        self.history.apply()

    @rule()
    def serve(self) -> None:
        self.history.serve()

    @rule()
    def grant(self) -> None:
        self.history.grant()

    @precondition(lambda self: self.history.payouts())
    @rule(data=st.data(), role=st.sampled_from((Role.FINANCE, Role.OFFICER)))
    def cancel(self, data: st.DataObject, role: Role) -> None:
        payout = data.draw(st.sampled_from(self.history.payouts()))
        objections = Objection.objects.filter(is_upheld=None, publication__payout=payout)
        if payout.status in NOT_CANCELLED or (payout.status == S.PUBLICISED and objections.exists()):
            with pytest.raises(IllegalMove):
                self.history.cancel(payout, role)
        else:
            self.history.cancel(payout, role)

    @precondition(lambda self: self.history.payouts(S.FAILED, S.RETURNED))
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        payout = data.draw(st.sampled_from(self.history.payouts(S.FAILED, S.RETURNED)))
        if payout.was_paid_cancelled:
            with pytest.raises(IllegalMove):
                self.history.retry(payout)
        else:
            self.history.retry(payout)

    @precondition(lambda self: self.history.payouts(S.FAILED, S.RETURNED))
    @rule(data=st.data())
    def mend(self, data: st.DataObject) -> None:
        self.history.mend(data.draw(st.sampled_from(self.history.payouts(S.FAILED, S.RETURNED))))

    @precondition(lambda self: self.history.payouts(S.PAID))
    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        self.history.come_back(data.draw(st.sampled_from(self.history.payouts(S.PAID))))

    @precondition(lambda self: self.history.recoveries(untouched))
    @rule()
    def come_back_while_asked_back(self) -> None:
        self.history.come_back(self.history.recoveries(untouched)[0].payout)

    @precondition(lambda self: self.history.refused_for_good())
    @rule(data=st.data())
    def pay_after_all(self, data: st.DataObject) -> None:
        self.history.pay_after_all(data.draw(st.sampled_from(self.history.refused_for_good())))

    @precondition(lambda self: self.history.cancelled_for_good())
    @rule(data=st.data())
    def pay_cancelled(self, data: st.DataObject) -> None:
        self.history.pay_cancelled(data.draw(st.sampled_from(self.history.cancelled_for_good())))

    @rule()
    def end_publicity(self) -> None:
        self.history.end_publicity()

    @precondition(lambda self: self.history.payouts(S.PUBLICISED) and _open_objections() < OPEN_OBJECTIONS_PER_PAYOUT)
    @rule(data=st.data())
    def object_to(self, data: st.DataObject) -> None:
        payout = data.draw(st.sampled_from(self.history.payouts(S.PUBLICISED)))
        if payout.publication.ends_on < localdate(self.history.now):
            with pytest.raises(NotPublicised):
                self.history.object_to(payout)
        else:
            self.history.object_to(payout)

    @precondition(lambda self: Objection.objects.filter(is_upheld=None).exists())
    @rule(is_upheld=st.booleans())
    def decide(self, is_upheld: bool) -> None:
        objection = Objection.objects.filter(is_upheld=None).earliest("pk")
        if objection.publication.payout.status in (S.PUBLICISED, S.CANCELLED):
            self.history.decide(objection, is_upheld=is_upheld and objection.publication.payout.status == S.PUBLICISED)

    @precondition(lambda self: self.history.payouts(S.PAID))
    @rule(data=st.data())
    def demand(self, data: st.DataObject) -> None:
        self.history.demand(data.draw(st.sampled_from(self.history.payouts(S.PAID))))

    @precondition(lambda self: self.history.recoveries(still_owed))
    @rule(part=st.sampled_from((40, AMOUNT_CNY)))
    def repay(self, part: int) -> None:
        recovery = self.history.recoveries(still_owed)[0]
        self.history.repay(recovery, min(Decimal(part), owed_cny(recovery=recovery)))

    @precondition(lambda self: self.history.recoveries(fully_repaid))
    @rule()
    def end_recovery(self) -> None:
        self.history.end_recovery(self.history.recoveries(fully_repaid)[0])

    @precondition(lambda self: self.history.recoveries(appealable))
    @rule()
    def appeal(self) -> None:
        self.history.appeal(self.history.recoveries(appealable)[0])

    @precondition(lambda self: Appeal.objects.filter(is_upheld=None).exists())
    @rule(is_upheld=st.booleans())
    def decide_appeal(self, is_upheld: bool) -> None:
        appeal = Appeal.objects.filter(is_upheld=None).earliest("pk")
        # Nobody can uphold an appeal before the firm has its repayments back, so an appeal with repayments is rejected.
        nothing_repaid = not appeal.recovery.repayments.exists()
        self.history.decide_appeal(appeal, is_upheld=is_upheld and nothing_repaid)

    @invariant()
    def the_books_balance_and_nobody_is_paid_twice(self) -> None:
        self.history.prove()

    def teardown(self) -> None:
        if not hasattr(self, "atomics"):
            return
        try:
            self.history.come_to_rest()
        finally:
            Example._rollback_atomics(self.atomics)
            self.history.folder.cleanup()


@pytest.mark.hypothesis
@pytest.mark.django_db(transaction=True)
def test_no_history_pays_twice_or_loses_anything() -> None:
    run_state_machine_as_test(PayoutHistories, settings=settings(max_examples=examples(10), stateful_step_count=25))


def test_every_act_is_a_rule() -> None:
    acts = {name for name in vars(History) if not name.startswith("_")}
    looks = {"payouts", "standing", "recoveries", "moves", "prove", "come_to_rest"}
    looks |= {"refused_for_good", "cancelled_for_good"}
    rules = set(vars(PayoutHistories))
    assert acts - looks <= rules


@pytest.mark.django_db
def test_the_acts_make_every_move_of_the_table() -> None:
    history = History()
    history.claim(history.wanted[:-SHOWN])
    _pay_refuse_and_doubt(history)
    _cancel_and_serve(history)
    _show_and_object(history)
    _send_back(history)
    _recover(history)
    _pay_after_all(history)
    history.prove()
    assert set(MOVES) - history.moves() == PASSED_WITHIN_A_CLAIM
    history.come_to_rest()
    history.folder.cleanup()


@pytest.mark.django_db
def test_an_instruction_that_arrives_after_its_cut_off_is_sent_under_a_new_number() -> None:
    history = History()
    history.claim(history.wanted[:1])
    history.send(1, "late on the way")
    history.wait(200)
    history.bank.arrive()
    history.ask("well")
    history.apply()
    (payout,) = history.payouts(S.APPROVED)
    history.send(1, "well")
    assert [each.attempt for each in Instruction.objects.filter(payout=payout, replies__outcome="paid")] == [2]
    history.come_to_rest()
    history.folder.cleanup()


def _open_objections() -> int:
    return Objection.objects.filter(is_upheld=None).count()


def _pay_refuse_and_doubt(history: History) -> None:
    history.send(2, "well")
    history.apply()
    history.send(2, "silent after booking")
    history.wait(10)
    history.ask("well")
    history.send(1, "lost on the way")
    history.wait(200)
    history.ask("well")
    history.apply()
    history.send(1, "refuses")
    history.apply()


def _cancel_and_serve(history: History) -> None:
    (refused,) = history.payouts(S.FAILED)
    history.retry(refused)
    history.send(1, "refuses")
    history.apply()
    for standing in (S.FAILED, S.APPROVED, S.WAITLISTED):
        history.cancel(history.payouts(standing)[0], Role.FINANCE)
    history.serve()


def _show_and_object(history: History) -> None:
    history.claim(history.wanted[-SHOWN:])
    first, second, _third = history.payouts(S.PUBLICISED)
    history.object_to(first)
    history.decide(Objection.objects.get(), is_upheld=True)
    history.cancel(second, Role.OFFICER)
    history.wait(86_400 * 5)
    history.end_publicity()
    history.send(EVERYTHING, "well")
    history.apply()


def _send_back(history: History) -> None:
    first, second, *_rest = history.payouts(S.PAID)
    history.come_back(first)
    history.mend(first)
    history.come_back(second)
    history.cancel(second, Role.FINANCE)


def _pay_after_all(history: History) -> None:
    history.grant()
    history.grant()
    history.grant()
    history.serve()
    history.claim(history.standing(EntitlementStatus.OPEN)[:3])
    history.send(EVERYTHING, "refuses")
    history.apply()
    failed, waiting, returned, *_rest = history.payouts(S.FAILED)
    history.pay_after_all(failed)
    history.retry(waiting)
    history.pay_after_all(waiting)
    history.retry(returned)
    history.send(EVERYTHING, "well")
    history.apply()
    history.come_back(returned)
    history.pay_after_all(returned)
    history.pay_cancelled(history.cancelled_for_good()[0])


def _recover(history: History) -> None:
    first, second, *_rest = history.payouts(S.PAID)
    history.demand(first)
    (recovery,) = history.recoveries(still_owed)
    history.repay(recovery, Decimal(40))
    history.repay(recovery, Decimal(60))
    history.end_recovery(recovery)
    history.demand(second)
    history.appeal(history.recoveries(appealable)[0])
    history.decide_appeal(Appeal.objects.get(), is_upheld=True)
    history.demand(second)
    history.come_back(second)
