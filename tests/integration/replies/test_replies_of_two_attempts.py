"""Reply files about a payout that was sent twice: the preview knows which attempts are over, and a second payment."""

from __future__ import annotations

import pytest

from payouts.batches.assemble import open_batch, seal_batch
from payouts.batches.release import release_batch
from payouts.models import Batch, Payout, Reply, Verdict
from payouts.states import Status
from tests.factories import replies as written
from tests.factories.clock import NOW
from tests.factories.decisions import repeat_by_two
from tests.factories.payouts import check_batch, make_released_batch
from tests.factories.people import make_user
from tests.integration.replies.test_reply_files import applied, ids, meanings, uploaded

pytestmark = pytest.mark.django_db


def sent_again(payout: Payout) -> Batch:
    repeat_by_two(payout=payout)
    batch = open_batch(fund=payout.fund, actor=make_user("maker"), now=NOW)
    declared = {"declared_count": 1, "declared_sum_cny": 100}
    seal_batch(batch=batch, **declared, actor=make_user("maker"), now=NOW)
    batch = check_batch(batch=batch, actor=make_user("checker"), now=NOW)
    return release_batch(batch=batch, actor=make_user("releaser"), now=NOW)


def twice_refused() -> tuple[Payout, str, str]:
    """A payout and the ids of its two attempts, both refused."""
    batch = make_released_batch(1)
    (first,) = ids(batch)
    applied(uploaded(written.status_report([(first, "RJCT")])))
    payout = Payout.objects.get(instructions__end_to_end_id=first)
    (second,) = ids(sent_again(payout))
    applied(uploaded(written.status_report([(second, "RJCT")], message_id="BANK-2")))
    return payout, first, second


def test_a_second_payment_in_a_later_statement_is_recorded_and_raises_an_alarm() -> None:
    payout, first, second = twice_refused()
    applied(uploaded(written.statement([written.entry(first)], message_id="STMT-1")))
    file = uploaded(written.statement([written.entry(second)], message_id="STMT-2"))
    assert meanings(file) == [Verdict.CONTRADICTS]
    assert applied(file) == 1
    assert Reply.objects.exclude(contradicted_status="").get().instruction.end_to_end_id == second
    payout.refresh_from_db()
    assert payout.status == Status.PAID


def test_the_preview_knows_which_attempts_are_over() -> None:
    payout, first, second = twice_refused()
    applied(uploaded(written.statement([written.entry(first)], message_id="STMT-1")))
    back = written.entry(first, side="CRDT", returned="closed")
    file = uploaded(written.statement([back], message_id="STMT-2"))
    assert meanings(file) == [Verdict.NEWS]
    applied(file)
    payout.refresh_from_db()
    assert payout.status == Status.RETURNED
    late = uploaded(written.statement([written.entry(second)], message_id="STMT-3"))
    assert meanings(late) == [Verdict.NEWS]
    applied(late)
    payout.refresh_from_db()
    assert payout.status == Status.PAID
    assert not Reply.objects.exclude(contradicted_status="").exists()
