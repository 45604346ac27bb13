"""
A clerk who presses a step of the desk twice reads that it is done, and nothing changes; nobody reads a prohibition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import PayeeAccount, User
from payouts.batches.release import check_control_sum
from payouts.models import BankTemplate, Batch, Blacklisting, Fund, Payout, PostCheck
from qinqing.proposals.models import Proposal
from tests.factories.clock import NOW
from tests.factories.payouts import check_batch, make_open_batch, make_payout, make_sealed_batch, settle_payouts
from tests.factories.penalties import find_fraud, punish
from tests.factories.people import give_rights, give_roles, make_user
from tests.functional.finance import test_finance_files as files
from tests.integration.exceptions.test_third_parties import entered
from tests.integration.ledger.test_shares import HALF, shared
from tests.integration.ledger.test_shares import paid as paid_by
from tests.integration.platform import test_duties as steps
from tests.integration.replies import test_findings as findings
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Press:
    """A step of the desk: its row, who presses it, what that person types, and what the second press says."""

    row: Callable[[], Any]
    said: str
    role: str = "finance"
    typed: dict[str, str] = field(default_factory=lambda: {"because": "核实"})


def somebody(name: str) -> User:
    return make_user(name)


def approved() -> Batch:
    return check_batch(batch=make_sealed_batch(), actor=somebody("checker"), now=NOW)


def answered() -> Batch:
    batch: Batch = steps.release(somebody("releaser"), approved())
    return batch


def booked() -> Any:
    return steps.book_settlement(somebody("booker"), paid_by(shared(HALF, advance_payer="district")))


def breach() -> PostCheck:
    check: PostCheck = steps.find(somebody("finder"), steps.drawn())
    return check


def demanded() -> Any:
    return steps.demand(somebody("demander"), breach())


def repaid() -> Any:
    return steps.repay(somebody("cashier"), demanded())


def appealed() -> Any:
    return steps.appeal(somebody("owner"), demanded())


def listed() -> Blacklisting:
    return Blacklisting.objects.get(recovery=punish(demanded()))


def fraudulent() -> Any:
    return find_fraud(demanded())


def read() -> Any:
    return files.uploaded([("Q9A01", "ACSC")])


def objected() -> Any:
    return steps.object_to(somebody("recorder"), None)


def failed() -> Payout:
    payout = make_payout()
    settle_payouts(Teller(outcome="refused"), now=timezone.now())
    return payout


def checked() -> Batch:
    """A sealed batch whose control sum the presser has typed."""
    given = {"checked_sum_cny": Decimal(200), "actor": make_user("presses_as_finance_checker"), "now": NOW}
    return check_control_sum(batch=make_sealed_batch(), **given)


def checked_once() -> Payout:
    payout: Payout = steps.drawn().payout
    return payout


def fund() -> Fund:
    return make_payout().fund


def granted() -> Any:
    return steps.enter_grant(somebody("enterer"), None)


def torn() -> Any:
    return findings.payment(findings.torn())


def found() -> Any:
    return findings.entered(torn(), was_paid=True)


DECLARED = {"declared_count": "2", "declared_sum_cny": "200"}
MONEY = {"amount_cny": "100", "received_on": "2026-03-02", "bank_reference": "R-9"}
DEMANDED = {"amount_cny": "100", "because": "虚报"}
FOUND = {"because": "虚报", "document_number": "杭财罚〔2026〕1号"}
BANNED = FOUND | {"begins_on": "2999-01-01", "ends_on": "3001-12-31"}
PRESSES: dict[str, Press] = {
    "batch seal": Press(make_open_batch, "is not open any more", role="finance_maker", typed=DECLARED),
    "batch discard": Press(make_open_batch, "by now", role="finance_maker"),
    "batch approve": Press(checked, "by now", role="finance_checker"),
    "batch reject": Press(make_sealed_batch, "by now", role="finance_checker"),
    "batch release": Press(approved, "by now", typed={"layout": "pain.001.001.09/"}, role="finance_releaser"),
    "batch close": Press(answered, "by now", role="finance_checker"),
    "postcheck keep": Press(steps.drawn, "finished already", role="officer"),
    "postcheck find_breach": Press(steps.drawn, "finished already", role="officer"),
    "postcheck demand_back": Press(breach, "demanded back once", typed=DEMANDED),
    "recovery take_down": Press(demanded, "recorded before", typed=MONEY),
    "recovery close": Press(repaid, "ended already"),
    "appeal uphold": Press(appealed, "decided already", role="officer"),
    "appeal reject": Press(appealed, "decided already", role="officer"),
    "recovery propose_fraud": Press(demanded, "waits for a colleague already", typed=FOUND),
    "recovery propose_fine": Press(fraudulent, "waits for a colleague already", typed=FOUND | {"percentage": "20"}),
    "recovery propose_ban": Press(fraudulent, "waits for a colleague already", typed=BANNED),
    "blacklisting lift": Press(listed, "waits for a colleague already"),
    "replyfile apply": Press(read, "waits for a colleague already"),
    "replyfile withdraw": Press(read, "applied or set aside already"),
    "replyline set_aside": Press(files.unmatched, "decided already"),
    "proposal confirm": Press(granted, "decided already"),
    "proposal turn_down": Press(found, "decided already"),
    "reply clarify": Press(torn, "waits for a colleague already", typed={"was_paid": "no", "because": "柜台答复"}),
    "objection uphold": Press(objected, "decided already", role="officer"),
    "objection reject": Press(objected, "decided already", role="officer"),
    "payout cancel": Press(make_payout, "already; nothing was changed"),
    "payout look_again": Press(checked_once, "asked for and is not finished yet", role="officer"),
    "fund grant": Press(fund, "waits for a colleague already", typed={"amount_cny": "5", "because": "预算追加"}),
    "payout retry": Press(failed, "already; nothing was changed"),
}


def clerk(role: str) -> Client:
    person = give_roles(give_rights(make_user(f"presses_as_{role}"), is_staff=True), role)
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    return client


def kept() -> dict[str, list[dict[str, Any]]]:
    """All rows of payouts, all proposals, and all accounts."""
    models = [*apps.get_app_config("payouts").get_models(), Proposal, PayeeAccount]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


@pytest.mark.parametrize("name", PRESSES)
def test_a_second_press_is_told_that_it_is_done_and_changes_nothing(name: str) -> None:
    press, (model, step) = PRESSES[name], name.split()
    row = press.row()
    app = "proposals" if model == "proposal" else "payouts"
    address, client, before = reverse(f"admin:{app}_{model}_{step}", args=[row.pk]), clerk(press.role), kept()
    assert client.post(address, press.typed).status_code == 302
    after = kept()
    assert after != before
    answer = client.post(address, press.typed, follow=True)
    assert answer.status_code == 200
    assert press.said in answer.content.decode()
    assert kept() == after


@pytest.mark.parametrize("step", ["confirm", "turn_down"])
def test_a_second_press_on_an_account_is_not_about_the_next_one(step: str) -> None:
    first = entered(by="enterer")
    address = reverse(f"admin:companies_thirdparty_{step}", args=[first.third_party_id])
    client = clerk("finance")
    shown = client.get(address).context["step"].hidden
    assert client.post(address, dict(shown)).status_code == 302
    entered(by="enterer", number="33010000000000002")
    before = kept()
    answer = client.post(address, dict(shown), follow=True)
    assert "checked or turned down meanwhile" in answer.content.decode()
    assert kept() == before


def test_a_layout_saved_twice_is_the_same_layout() -> None:
    layout = BankTemplate.objects.create(name="工商银行")
    address, client = reverse("admin:payouts_banktemplate_change", args=[layout.pk]), clerk("finance")
    form = client.get(address).context["adminform"].form
    columns = {f"columns-{each}": "0" for each in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS")}
    typed = {name: value for name, value in form.initial.items() if value is not None} | columns
    answers = [client.post(address, typed, follow=True) for _press in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert list(BankTemplate.objects.values_list("pk", "name")) == [(layout.pk, "工商银行")]


def test_a_settlement_booked_twice_is_said_and_counts_once() -> None:
    payout = paid_by(shared(HALF, advance_payer="district"))
    where = {"fund": payout.fund_id, "district": payout.district, "debtor": "city", "creditor": "district"}
    said = {"amount_cny": "20", "reference": "V-1", "settled_on": "2026-03-02"}
    client, address = clerk("finance"), reverse("admin:payouts_settlement_owed")
    client.post(address, where | said)
    before = kept()
    assert "This voucher was booked before." in client.post(address, where | said, follow=True).content.decode()
    assert kept() == before
