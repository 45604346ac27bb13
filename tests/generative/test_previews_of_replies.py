"""The preview of a reply file says of each row what applying the file does, whatever happened before."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from payouts.banks.gateway import Answer, OutcomeWord
from payouts.batch_states import BatchStatus
from payouts.batches.assemble import open_batch, seal_batch
from payouts.batches.queries import sum_lines
from payouts.batches.release import reject_batch, release_batch
from payouts.controls.post_audit import ask_for_check, finish_check
from payouts.exceptions.manual import cancel_payouts, retry_payouts
from payouts.exceptions.outstanding import find_outstanding
from payouts.models import Batch, Payout, Recovery, Reply, ReplyFile, Verdict
from payouts.recovery.recover import demand_repayment, record_repayment
from payouts.replies.apply import apply_replies, record_answers
from payouts.replies.clarify import propose_finding
from payouts.replies.files import read_reply, upload_reply
from payouts.states import Role, Status
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.decide import confirm
from tests.factories import replies as written
from tests.factories.clock import NOW
from tests.factories.decisions import apply_file, repeat_by_two
from tests.factories.payouts import check_batch, make_file_fund
from tests.factories.people import make_user
from tests.profiles import examples

OUTCOMES: tuple[OutcomeWord, ...] = ("paid", "refused", "returned")
COULD_BE_SAID = (*OUTCOMES, "unknown")
PAYOUTS = 3


class Desk:
    """A fund whose payouts go to a bank in files; the product refuses an act that must not happen."""

    def __init__(self) -> None:
        self.now, self.numbers = NOW, count(1)
        self.fund = make_file_fund(PAYOUTS)
        self.clerk, self.other, self.third = (make_user(name) for name in ("clerk", "checker", "releaser"))

    def seal(self, _payout: Payout, _attempt: int) -> None:
        batch = open_batch(fund=self.fund, actor=self.clerk, now=self.now)
        found = sum_lines(batch=batch)
        declared = {"declared_count": found.count, "declared_sum_cny": found.total_cny}
        seal_batch(batch=batch, **declared, actor=self.clerk, now=self.now)

    def release(self, _payout: Payout, _attempt: int) -> None:
        for batch in Batch.objects.filter(status=BatchStatus.SEALED):
            check_batch(batch=batch, actor=self.other, now=self.now)
        for batch in Batch.objects.filter(status=BatchStatus.APPROVED):
            release_batch(batch=batch, actor=self.third, now=self.now)

    def send(self, payout: Payout, attempt: int) -> None:
        self.seal(payout, attempt)
        self.release(payout, attempt)

    def reject(self, _payout: Payout, _attempt: int) -> None:
        for batch in Batch.objects.filter(status__in=[BatchStatus.SEALED, BatchStatus.APPROVED]):
            reject_batch(batch=batch, because="no", actor=self.other, now=self.now)

    def retry(self, payout: Payout, _attempt: int) -> None:
        if find_outstanding(payout_ids=[payout.pk]):
            repeat_by_two(payout=payout, now=self.now)
        else:
            retry_payouts(payout_ids=[payout.pk], actor=self.clerk, because="again", now=self.now)

    def cancel(self, payout: Payout, _attempt: int) -> None:
        if find_outstanding(payout_ids=[payout.pk]):
            repeat_by_two(payout=payout, after=Status.CANCELLED, now=self.now)
            return
        asked = {"payout_ids": [payout.pk], "role": Role.FINANCE, "actor": self.clerk, "because": "no"}
        cancel_payouts(**asked, now=self.now)

    def demand(self, payout: Payout, _attempt: int) -> None:
        check = ask_for_check(payout=payout, because="a hint", actor=self.clerk, now=self.now)
        check = finish_check(check_id=check.pk, is_breach=True, finding="false", actor=self.other, now=self.now)
        asked = {"amount_cny": payout.amount_cny, "because": "false"}
        demand_repayment(check=check, **asked, actor=self.clerk, now=self.now)

    def repay(self, payout: Payout, _attempt: int) -> None:
        for recovery in Recovery.objects.filter(payout=payout, ended_as=""):
            asked = {"amount_cny": Decimal(1), "received_on": self.now.date(), "bank_reference": f"R{self.now:%d%H%M}"}
            record_repayment(recovery_id=recovery.pk, **asked, actor=self.clerk, now=self.now)

    def disprove(self, payout: Payout, attempt: int) -> None:
        """Two clerks find out that the bank never made a payment that it had reported."""
        for reply in Reply.objects.filter(instruction__payout=payout, instruction__attempt=attempt, outcome="paid"):
            asked = {"reply_id": reply.pk, "was_paid": False, "because": "asked the bank"}
            finding = propose_finding(**asked, actor=self.clerk, now=self.now)
            confirm(proposal_id=finding.pk, actor=self.other, now=self.now)

    def hear(self, payout: Payout, attempt: int, outcome: OutcomeWord) -> None:
        record_answers(answers=[Answer(number_of(payout, attempt), outcome, self.now)], now=self.now)
        self.apply()

    def apply(self) -> None:
        while apply_replies(limit=100, now=self.now):
            pass

    def read(self, number: str, outcomes: list[OutcomeWord]) -> ReplyFile:
        """A file in which the bank says this of an instruction, read and not applied."""
        name = f"FILE-{next(self.numbers)}"
        content = as_file(number, outcomes, message_id=name)
        file, _is_known = upload_reply(
            bank=None, name=name, content=io.BytesIO(content), actor=self.clerk, now=self.now
        )
        return read_reply(file=file)


ACTS: dict[str, Callable[[Desk, Payout, int], None]] = {
    **{act.__name__: act for act in (Desk.seal, Desk.release, Desk.send, Desk.reject, Desk.retry, Desk.cancel)},
    **{act.__name__: act for act in (Desk.demand, Desk.repay, Desk.disprove)},
    **{each: lambda desk, payout, attempt, each=each: desk.hear(payout, attempt, each) for each in COULD_BE_SAID},
}


def number_of(payout: Payout, attempt: int) -> str:
    return f"Q{payout.pk:015d}A{attempt:02d}"


def as_file(number: str, outcomes: list[OutcomeWord], *, message_id: str) -> bytes:
    if outcomes == ["refused"]:
        return written.status_report([(number, "RJCT")], message_id=message_id)
    sides = {"paid": {"side": "DBIT"}, "returned": {"side": "CRDT", "returned": "closed"}}
    return written.statement([written.entry(number, **sides[each]) for each in outcomes], message_id=message_id)


def perform(desk: Desk, steps: list[tuple[str, int, int]]) -> None:
    payouts = list(Payout.objects.filter(fund=desk.fund).order_by("pk"))
    for name, which, attempt in steps:
        desk.now += timedelta(minutes=1)
        with suppress(Refusal), transaction.atomic():
            ACTS[name](desk, payouts[which], attempt)
    desk.now += timedelta(minutes=1)


def verdicts_of(file: ReplyFile) -> list[tuple[str, str]]:
    return list(file.lines.order_by("number").values_list("outcome", "verdict"))


def check_rows(desk: Desk, payout: Payout, number: str, file: ReplyFile) -> None:
    """Check that applying does to each row what the preview says, and that a row already known changes nothing."""
    said = verdicts_of(file)
    stood = Payout.objects.get(pk=payout.pk)
    known = set(Reply.objects.filter(instruction__end_to_end_id=number).values_list("outcome", flat=True))
    apply_file(file=file, now=desk.now)
    assert verdicts_of(file) == said
    desk.apply()
    for outcome, verdict in said:
        if verdict == Verdict.FINAL and outcome not in known:
            record_answers(answers=[Answer(number, outcome, desk.now)], now=desk.now)
            desk.apply()
        check_row(number, outcome, verdict)
    moves = Payout.objects.get(pk=payout.pk).sequence - stood.sequence
    assert (moves > 0) == any(verdict == Verdict.NEWS for _outcome, verdict in said)


def check_row(number: str, outcome: str, verdict: str) -> None:
    reply = Reply.objects.filter(instruction__end_to_end_id=number, outcome=outcome).first()
    if verdict in (Verdict.UNKNOWN, Verdict.UNSENT):
        assert reply is None
        return
    assert reply is not None
    assert reply.applied_at is not None
    if verdict in (Verdict.NEWS, Verdict.CONTRADICTS):
        assert bool(reply.contradicted_status) == (verdict == Verdict.CONTRADICTS)


STEPS = st.lists(
    st.tuples(
        st.sampled_from((*ACTS, "send", "refused", "retry", "paid")), st.integers(0, PAYOUTS - 1), st.integers(1, 3)
    ),
    max_size=14,
)
SAID = st.sampled_from([["paid"], ["refused"], ["returned"], ["paid", "returned"]])
FIRST, SECOND = 1, 2
SENT_TWICE = [("send", 0, FIRST), ("refused", 0, FIRST), ("retry", 0, FIRST), ("send", 0, SECOND)]
PAID_TWICE = [*SENT_TWICE, ("refused", 0, SECOND), ("paid", 0, FIRST), ("paid", 0, SECOND)]


@pytest.mark.hypothesis
@pytest.mark.django_db
@settings(max_examples=examples(40))
@given(steps=STEPS, said=SAID, attempt=st.integers(1, 3))
# The bank paid twice and returns one of the payments; the firm keeps the other, whose money is demanded.
@example(steps=[*PAID_TWICE, ("demand", 0, FIRST)], said=["returned"], attempt=SECOND)
@example(steps=[*PAID_TWICE, ("demand", 0, FIRST)], said=["returned"], attempt=FIRST)
@example(steps=[("send", 0, FIRST), ("paid", 0, FIRST), ("demand", 0, FIRST)], said=["returned"], attempt=FIRST)
# The bank pays what it had refused, and takes the money back: in the end nothing is paid.
@example(steps=[("send", 0, FIRST), ("refused", 0, FIRST)], said=["paid", "returned"], attempt=FIRST)
@example(steps=[("send", 0, FIRST), ("refused", 0, FIRST)], said=["paid"], attempt=FIRST)
@example(steps=[*SENT_TWICE, ("seal", 0, FIRST)], said=["paid"], attempt=FIRST)
@example(steps=[*SENT_TWICE[:3], ("seal", 0, FIRST)], said=["paid"], attempt=FIRST)
# The payment that the bank reported was never made, so a refusal of the payment agrees with the books.
@example(steps=[*PAID_TWICE, ("disprove", 0, SECOND)], said=["refused"], attempt=SECOND)
def test_the_preview_says_what_applying_does(
    steps: list[tuple[str, int, int]], said: list[OutcomeWord], attempt: int
) -> None:
    with transaction.atomic():
        desk = Desk()
        perform(desk, steps)
        payout = Payout.objects.filter(fund=desk.fund).earliest("pk")
        number = number_of(payout, attempt)
        check_rows(desk, payout, number, desk.read(number, said))
        transaction.set_rollback(True)
