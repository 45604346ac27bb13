"""Records payments that came back days later, from the list of returns that the bank keeps."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from payouts.banks.gateway import ReturningBank
from payouts.models import ReturnsRead
from payouts.replies.apply import record_answers
from payouts.sending.send import refuse_inside_transaction
from qinqing.kernel.database.statements import execute_statement

log = structlog.get_logger()


def record_returns(*, gateway: ReturningBank, limit: int, now: datetime) -> int:
    """
    Read the next page of the bank's returns and record them; their payouts then wait for another account.

    The position moves on in the transaction that records the replies, so a page that is read twice is recorded once.
    Returns the number of returns on the page.

    Raises:
        InsideTransaction: a transaction is open.
    """
    refuse_inside_transaction()
    after = ReturnsRead.objects.values_list("after", flat=True).first() or 0
    response = gateway.list_returns(after=after, limit=limit)
    if not response.answers:
        return 0
    with transaction.atomic(durable=True):
        recorded = record_answers(answers=response.answers, now=now)
        execute_statement(
            """
            INSERT INTO payouts_returnsread AS r (id, after) VALUES (1, %(after)s)
            ON CONFLICT (id) DO UPDATE SET after = greatest(r.after, excluded.after)
            """,
            after=response.next_after,
        )
    log.info("returns_heard", listed=len(response.answers), new=recorded)
    return len(response.answers)
