"""A member stops a changed account while the worker stores the instruction to it."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from companies.firms.payee_accounts import replace_account, stop_account
from payouts.models import Instruction, Payout
from payouts.sending.send import send_due
from qinqing.kernel.database.integrity import constraint_of
from tests.concurrency.racing import wait_until_somebody_waits
from tests.factories.clock import NOW
from tests.factories.companies import act_for, confirm_by_officials
from tests.factories.payouts import make_payout
from tests.factories.people import make_user
from tests.tellers import Teller

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def test_no_instruction_is_made_to_an_account_that_is_being_stopped() -> None:
    payout = make_payout()
    before, owner = payout.account, act_for(payout.company, make_user("keeper"))
    told = {"holder_name": payout.company.name, "bank_name": "杭州银行", "bank_number": "313331000014"}
    waiting = replace_account(company=payout.company, number="33050161000000002", **told, actor=owner, now=NOW)
    account = confirm_by_officials(waiting, now=NOW)
    Payout.objects.filter(pk=payout.pk).update(account=account)
    bank, refused = Teller(), []

    def send() -> None:
        try:
            send_due(gateway=bank, limit=10, now=NOW + DAY)
        except IntegrityError as error:
            refused.append(constraint_of(error))
        finally:
            connection.close()

    worker = threading.Thread(target=send)
    with transaction.atomic():
        stop_account(account_id=account.pk, company=payout.company, actor=owner, now=NOW)
        worker.start()
        # The worker gets as far as the account's lock.
        wait_until_somebody_waits()
    worker.join(timeout=30)
    assert (refused, bank.orders) == (["instruction_goes_to_a_usable_account"], [])
    send_due(gateway=bank, limit=10, now=NOW + DAY)
    assert [each.account for each in Instruction.objects.all()] == [before]
