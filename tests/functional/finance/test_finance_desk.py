"""The clerks' desk: who sees which list, who may do what, and that no link changes anything."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from payouts.batches.seal import seal_sent_instructions
from payouts.models import Batch, Download, Payout, Reply, Transition
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from payouts.states import Status
from qinqing.proposals.models import Proposal
from tests.factories.claims import claim_entitlements
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.entitlements import make_entitlements, make_version
from tests.factories.payouts import make_payout, status_of
from tests.factories.people import make_user
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

MODELS = ("fund", "posting", "payout", "claim", "batch", "instruction", "reply")
# Who may look at which lists; officers see only funds, payouts and claims.
LOOKERS = {
    "finance": set(MODELS),
    "auditor": set(MODELS),
    "officer": {"fund", "payout", "claim"},
    "department": set(),
}


@pytest.fixture
def clerk() -> Client:
    return sign_in_official("finance_maker", "finance")


def failed() -> Payout:
    payout = make_payout()
    send_due(gateway=Teller(outcome="refused", reason="the account is closed"), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    return payout


def sealed() -> Batch:
    make_payout()
    send_due(gateway=Teller(), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    return seal_sent_instructions(actor=make_user("finance"), now=NOW)[0]


def address(model: str, action: str = "", *arguments: Any) -> str:
    return reverse(f"admin:payouts_{model}_{action or 'changelist'}", args=arguments)


def proposal_address(step: str, number: int) -> str:
    return reverse(f"admin:proposals_proposal_{step}", args=[number])


@pytest.mark.parametrize("group", LOOKERS)
@pytest.mark.parametrize("model", MODELS)
def test_each_role_sees_its_lists(group: str, model: str) -> None:
    sealed()
    failed()
    expected = 200 if model in LOOKERS[group] else 403
    assert sign_in_official(group).get(address(model)).status_code == expected


@pytest.mark.parametrize("model", MODELS)
def test_a_stranger_is_asked_to_sign_in(model: str) -> None:
    assert Client().get(address(model)).status_code == 302
    owner = Client()
    owner.force_login(make_user("owner"))
    assert owner.get(address(model)).status_code == 302


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("group", ["finance", "auditor"])
def test_each_page_shows_its_row_and_no_account_number(group: str, model: str) -> None:
    payout = Payout.objects.get(pk=sealed().instructions.get().payout_id)
    rows = {
        "fund": payout.fund,
        "posting": payout.postings.first(),
        "payout": payout,
        "claim": payout.claim,
        "batch": Batch.objects.get(),
        "instruction": payout.instructions.get(),
        "reply": Reply.objects.get(),
    }
    row = rows[model]
    assert row is not None
    answer = sign_in_official(group).get(address(model, "change", row.pk))
    assert answer.status_code == 200
    assert b"62220210" not in answer.content


def test_a_payout_is_found_by_what_stands_on_a_paper(clerk: Client) -> None:
    wanted, other = failed(), make_payout()
    for term in (wanted.company.credit_code, f"q{wanted.pk:015d}a01", str(wanted.pk)):
        page = clerk.get(address("payout"), {"q": term}).content.decode()
        assert f"/{wanted.pk}/change" in page
        assert f"/{other.pk}/change" not in page


def test_a_payout_shows_its_steps_and_why(clerk: Client) -> None:
    payout = failed()
    page = clerk.get(address("payout", "change", payout.pk)).content.decode()
    assert "the account is closed" in page
    assert f"Q{payout.pk:015d}A01" in page


@pytest.mark.parametrize(
    ("action", "opened", "after"), [("retry", failed, Status.APPROVED), ("cancel", make_payout, Status.CANCELLED)]
)
def test_a_step_asks_first_and_then_wants_a_reason(clerk: Client, action: str, opened: Any, after: Status) -> None:
    payout = opened()
    before = status_of(payout)
    page = clerk.get(address("payout", action, payout.pk))
    assert (page.status_code, status_of(payout)) == (200, before)
    refused = clerk.post(address("payout", action, payout.pk), {"because": " "})
    assert (refused.status_code, status_of(payout)) == (200, before)
    done = clerk.post(address("payout", action, payout.pk), {"because": "the firm called"})
    assert (done.status_code, status_of(payout)) == (302, after)
    last = Transition.objects.get(payout=payout, after=after, moved_because="the firm called")
    assert (last.moved_by, last.moved_as) == (make_user("finance"), "finance")


@pytest.mark.parametrize("group", ["auditor", "officer"])
@pytest.mark.parametrize("action", ["retry", "cancel"])
def test_only_finance_moves_payouts(group: str, action: str) -> None:
    payout = failed()
    answer = sign_in_official(group).post(address("payout", action, payout.pk), {"because": "a trial"})
    assert (answer.status_code, status_of(payout)) == (403, Status.FAILED)


def test_what_is_with_the_bank_offers_no_step(clerk: Client) -> None:
    payout = make_payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=1, now=NOW)
    page = clerk.get(address("payout", "change", payout.pk)).content.decode()
    assert address("payout", "cancel", payout.pk) not in page
    assert clerk.get(address("payout", "cancel", payout.pk)).status_code == 403
    answer = clerk.post(address("payout", "cancel", payout.pk), {"because": "a trial"}, follow=True)
    assert "cannot become “cancelled”" in answer.content.decode()
    assert status_of(payout) == Status.IN_DOUBT


def test_chosen_payouts_are_retried_together(clerk: Client) -> None:
    payouts = [failed(), failed()]
    chosen = {"action": "retry_selected", "_selected_action": [str(each.pk) for each in payouts]}
    asked = clerk.post(address("payout"), chosen)
    assert (asked.status_code, {status_of(each) for each in payouts}) == (200, {Status.FAILED})
    assert b"2 payouts of" in asked.content
    clerk.post(address("payout"), chosen | {"confirmed": "1", "because": "the bank mended it"})
    assert {status_of(each) for each in payouts} == {Status.APPROVED}


def test_a_set_with_one_that_cannot_move_moves_nothing(clerk: Client) -> None:
    good, paid = failed(), sealed().instructions.get().payout
    chosen = {"action": "retry_selected", "_selected_action": [str(good.pk), str(paid.pk)], "confirmed": "1"}
    answer = clerk.post(address("payout"), chosen | {"because": "a trial"}, follow=True)
    assert "cannot become" in answer.content.decode()
    assert (status_of(good), status_of(paid)) == (Status.FAILED, Status.PAID)


def test_an_auditor_is_offered_no_action() -> None:
    make_payout()
    assert b"cancel_selected" not in sign_in_official("auditor").get(address("payout")).content


def test_finance_seals_by_a_button(clerk: Client) -> None:
    make_payout()
    send_due(gateway=Teller(), limit=1, now=NOW)
    assert clerk.get(address("batch", "seal_sent")).status_code == 200
    assert not Batch.objects.exists()
    assert clerk.post(address("batch", "seal_sent")).status_code == 302
    assert Batch.objects.get().sealed_by == make_user("finance")
    assert sign_in_official("auditor").post(address("batch", "seal_sent")).status_code == 403


@pytest.mark.parametrize(
    ("wanted", "ending"),
    [("pain.001.001.09", "xml"), ("pain.001.001.03", "xml"), ("xlsx", "xlsx"), ("delimited", "csv")],
)
def test_a_file_is_the_same_at_every_download(clerk: Client, wanted: str, ending: str) -> None:
    batch = sealed()
    assert clerk.get(address("batch", "files", batch.pk)).status_code == 200
    assert not batch.files.exists()
    asked = {"layout": f"{wanted}/", "plain_because": "a trial"}
    first, again = (clerk.post(address("batch", "files", batch.pk), asked) for _each in range(2))
    content = first.getvalue()
    assert content == again.getvalue()
    assert hashlib.sha256(content).hexdigest() == batch.files.get().stored.sha256
    assert int(first["Content-Length"]) == len(content)
    assert [each.downloaded_by for each in Download.objects.all()] == [make_user("finance")] * 2
    assert first["Content-Disposition"] == f'attachment; filename="{batch.message_id}.{ending}"'
    assert "no-store" in first["Cache-Control"]


def test_files_with_account_numbers_are_for_finance_alone(clerk: Client) -> None:
    batch = sealed()
    assert clerk.post(address("batch", "files", batch.pk), {"layout": "docx/"}).status_code == 404
    auditor = sign_in_official("auditor")
    assert auditor.get(address("batch", "files", batch.pk)).status_code == 403
    assert auditor.post(address("batch", "files", batch.pk), {"layout": "xlsx/"}).status_code == 403


def test_money_is_granted_by_two_of_finance(clerk: Client) -> None:
    fund = make_payout().fund
    asked = {"amount_cny": "500.50", "because": "预算追加"}
    assert clerk.get(address("fund", "grant", fund.pk)).status_code == 200
    assert clerk.post(address("fund", "grant", fund.pk), asked | {"amount_cny": "-5"}).status_code == 200
    assert clerk.post(address("fund", "grant", fund.pk), asked | {"because": ""}).status_code == 200
    assert clerk.post(address("fund", "grant", fund.pk), asked).status_code == 302
    entered = Proposal.objects.get(kind="grant")
    answer = clerk.post(proposal_address("confirm", entered.pk), follow=True)
    assert "You proposed this yourself" in answer.content.decode()
    colleague = sign_in_official("finance", username="colleague")
    assert colleague.get(proposal_address("confirm", entered.pk)).status_code == 200
    fund.refresh_from_db()
    assert str(fund.granted_cny) == "1000000.00"
    assert colleague.post(proposal_address("confirm", entered.pk)).status_code == 302
    fund.refresh_from_db()
    assert str(fund.granted_cny) == "1000500.50"
    assert sign_in_official("auditor").post(address("fund", "grant", fund.pk), asked).status_code == 403


def test_how_many_wait_for_money_is_said_in_words_and_figures(clerk: Client) -> None:
    small = make_version(granted_cny=100)
    for count, said in ((1, "1 payout waits for money."), (1_000, "1,001 payouts wait for money.")):
        rights = make_entitlements(count, of=small, amount_cny=101)
        claim_entitlements(entitlement_ids=rights, company=None, commitment="", actor=None, now=NOW)
        assert said in clerk.get(address("fund", "grant", small.fund.pk)).content.decode()
    clerk.post(address("fund", "grant", small.fund.pk), {"amount_cny": "5", "because": "预算追加"})
    approval = proposal_address("confirm", Proposal.objects.get(kind="grant").pk)
    assert said in sign_in_official("finance", username="colleague").get(approval).content.decode()


def test_who_entered_money_may_take_it_back(clerk: Client) -> None:
    fund = make_payout().fund
    clerk.post(address("fund", "grant", fund.pk), {"amount_cny": "5", "because": "预算追加"})
    entered = Proposal.objects.get(kind="grant")
    assert sign_in_official("auditor").post(proposal_address("take_back", entered.pk)).status_code == 403
    assert clerk.post(proposal_address("take_back", entered.pk)).status_code == 302
    entered.refresh_from_db()
    assert entered.decision == "turned_down"


def test_contradictions_are_found_by_a_filter(clerk: Client) -> None:
    failed()
    assert clerk.get(address("reply"), {"contradicted_status__isempty": "0"}).status_code == 200


def test_a_list_asks_the_same_number_of_questions_for_any_length(
    clerk: Client, django_assert_max_num_queries: Any
) -> None:
    for _each in range(12):
        make_payout()
    send_due(gateway=Teller(), limit=50, now=NOW)
    apply_replies(limit=50, now=NOW)
    for model in MODELS:
        clerk.get(address(model))
        with django_assert_max_num_queries(14):
            clerk.get(address(model))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_speak_both_languages(clerk: Client, language: str) -> None:
    payout = make_payout()
    for page in (address("payout", "cancel", payout.pk), address("payout"), address("fund")):
        assert clerk.get(page, headers={"accept-language": language}).status_code == 200
