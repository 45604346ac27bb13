"""The officials' start page: each sees the work that waits for them, and a way to it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Delivery, DeliveryStatus, User
from payouts.batches.assemble import discard_batch, open_batch
from payouts.ledger.alerts import raise_alarms
from payouts.ledger.grants import propose_grant
from payouts.ledger.shares import propose_settlement
from payouts.ledger.waiting_accounts import OfficialReview, filter_for_account, sum_stopped_payouts
from payouts.models import Batch, Payout
from payouts.recovery.recover import appeal_against, demand_repayment
from payouts.replies.apply import LOST_ATTEMPT_LIMIT, apply_replies
from payouts.sending.send import send_due
from payouts.states import Status
from policies.authoring.draft import note_writer
from policies.authoring.review import submit_version
from qinqing import worklist
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import act_for
from tests.factories.entitlements import make_version
from tests.factories.payouts import make_file_fund, make_paid, make_payout, make_sealed_batch
from tests.factories.people import give_roles, make_officer, make_user
from tests.factories.policies import make_draft, make_policy, make_submitted
from tests.integration.exceptions.test_third_parties import entered
from tests.integration.ledger.test_shares import HALF, paid, shared
from tests.integration.recovery.test_recovering import breach, demanded, repay
from tests.integration.sending.test_sending import lose
from tests.superuser import unguarded
from tests.tellers import Teller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def official(name: str, role: str) -> User:
    return give_roles(make_user(name, is_staff=True), role)


def work_of(user: User) -> dict[str, int]:
    """What waits for somebody, by its title."""
    return {str(each.title): each.count for each in worklist.list_work(user=user, now=timezone.now())}


def test_who_has_nothing_to_do_is_told_so(browser: Callable[..., Client]) -> None:
    page = browser("official", role="officer").get(reverse("admin:index")).content.decode()
    assert "Nothing waits for you" in page


def test_a_version_waits_for_another_officer_and_not_for_its_author() -> None:
    author, other = official("writer", "officer"), official("shen", "officer")
    make_submitted('company.size = "small"')
    assert work_of(author) == {}
    assert work_of(other) == {"Versions to review and publish": 1}
    assert work_of(official("clerk", "finance")) == work_of(official("ma", "auditor")) == {}


def test_a_version_does_not_wait_for_who_wrote_along() -> None:
    along = official("along", "officer")
    version = make_draft('company.size = "small"')
    note_writer(version=version, actor=along)
    submit_version(version=version, actor=make_officer("writer"), now=timezone.now())
    assert work_of(along) == {}


def test_a_draft_waits_for_its_author_alone() -> None:
    author = official("lin", "officer")
    make_draft('company.size = "small"', actor=author)
    assert work_of(author) == {"Your drafts": 1}
    assert work_of(official("shen", "officer")) == {}


def test_a_batch_waits_for_everybody_but_those_who_held_it_before(browser: Callable[..., Client]) -> None:
    batch = make_sealed_batch()
    maker, other = batch.sealed_by, official("other", "finance_checker")
    give_roles(maker, "finance_checker")
    assert "Batches to check" not in work_of(User.objects.get(pk=maker.pk))
    assert work_of(other)["Batches to check"] == 1
    page = browser("clerk", role="finance_checker").get(reverse("admin:index")).content.decode()
    assert "Batches to check" in page
    assert f"{reverse('admin:payouts_batch_changelist')}?waits=check" in page


def test_what_takes_a_second_person_waits_for_that_one() -> None:
    maker, other = official("maker", "finance"), official("other", "finance")
    payout = paid(shared(HALF, advance_payer="district"))
    amount = {"amount_cny": Decimal(5), "actor": maker, "now": NOW}
    propose_grant(version=payout.fund.version, because="预算", **amount)
    sides = {"fund": payout.fund, "district": payout.district, "debtor": "city", "creditor": "district"}
    propose_settlement(**sides, reference="V-1", settled_on=TODAY, **amount)
    entered(by="maker")
    wanted = {"Proposals of colleagues to decide": 2, "Accounts of third parties to check": 1}
    assert wanted.items() <= work_of(other).items()
    assert not wanted.keys() & work_of(maker).keys()
    assert not wanted.keys() & work_of(official("shen", "officer")).keys()


def test_payouts_wait_for_whoever_makes_their_batch_until_one_is_open() -> None:
    clerk, wanted = official("clerk", "finance_maker"), "Funds whose payouts wait for a batch that nobody has opened"
    assert wanted not in work_of(clerk)
    fund = make_file_fund(2)
    make_file_fund(1)
    make_payout()
    assert work_of(clerk)[wanted] == 2
    batch = open_batch(fund=fund, actor=make_user("maker"), now=NOW)
    assert (work_of(clerk)[wanted], work_of(clerk)["Batches to seal"]) == (1, 1)
    discard_batch(batch=batch, because="a mistake", actor=make_user("maker"), now=NOW)
    assert work_of(clerk)[wanted] == 2
    assert wanted not in work_of(official("ma", "auditor"))


def test_who_opened_a_batch_is_not_asked_to_check_it() -> None:
    batch, opener = make_sealed_batch(), official("opener", "finance_checker")
    with unguarded():
        Batch.objects.filter(pk=batch.pk).update(opened_by=opener)
    assert "Batches to check" not in work_of(opener)
    assert work_of(official("other", "finance_checker"))["Batches to check"] == 1


def test_a_breach_waits_for_finance_to_demand_the_money() -> None:
    clerk, wanted = official("clerk", "finance"), "Breaches whose money nobody has demanded back"
    check = breach(make_paid())
    assert work_of(clerk)[wanted] == 1
    assert wanted not in work_of(official("lin", "officer"))
    finder = User.objects.get(username="officer2")
    give_roles(finder, "finance")
    assert wanted not in work_of(User.objects.get(pk=finder.pk))
    terms = {"amount_cny": Decimal(1), "because": "已停业"}
    demand_repayment(check=check, **terms, actor=clerk, now=NOW)
    assert wanted not in work_of(clerk)


def test_what_was_repaid_is_not_overdue_and_waits_for_another_to_close_it() -> None:
    recovery = demanded(is_fraud=False)
    taker, closer = official("taker", "finance"), official("closer", "finance")
    repay(recovery, 99, "R-1", "taker")
    assert (work_of(closer).get("Recoveries to close"), work_of(closer)["Repayments that are overdue"]) == (None, 1)
    repay(recovery, 1, "R-2", "cashier")
    assert "Repayments that are overdue" not in work_of(closer)
    assert work_of(closer)["Recoveries to close"] == 1
    demander = User.objects.get(username="finance")
    give_roles(demander, "finance")
    for person in (taker, User.objects.get(pk=demander.pk), official("ma", "auditor")):
        assert "Recoveries to close" not in work_of(person)
    appeal = {
        "recovery": recovery,
        "text": "我们没有停业。",
        "actor": act_for(recovery.payout.company, make_user("owner")),
    }
    appeal_against(**appeal, now=NOW)
    assert "Recoveries to close" not in work_of(closer)


def test_a_fund_that_more_money_would_not_help_is_nobodys_work() -> None:
    clerk, last_year = official("clerk", "finance"), {"closes_on": TODAY}
    make_payout(of=make_version(granted_cny=100, closes_on=None))
    make_payout(of=make_version(granted_cny=100, **last_year))
    assert raise_alarms(now=NOW) == 4
    assert work_of(clerk)["Funds that are nearly used up"] == 1
    late = make_version(granted_cny=100, **last_year)
    make_payout(of=late)
    assert make_payout(of=late).status == Status.WAITLISTED
    raise_alarms(now=NOW)
    assert work_of(clerk)["Funds that are nearly used up"] == 2


def test_what_no_account_brings_on_its_way_waits_for_a_clerk_at_once() -> None:
    clerk, wanted = official("clerk", "finance"), "Stopped payouts that go on only when a clerk says so"
    lost = make_payout()
    for turn in range(LOST_ATTEMPT_LIMIT):
        assert wanted not in work_of(clerk)
        lose(lost, at=100 * turn)
    assert work_of(clerk)[wanted] == 1
    refused = make_payout()
    send_due(gateway=Teller(outcome="refused"), limit=10, now=timezone.now())
    apply_replies(limit=10, now=timezone.now())
    assert work_of(clerk)[wanted] == 1
    page = Client()
    page.force_login(clerk)
    listed = page.get(f"{reverse('admin:payouts_payout_changelist')}?mending=decided").context["cl"].result_list
    assert [row.pk for row in listed] == [lost.pk]
    assert list(filter_for_account(Payout.objects.all(), now=timezone.now(), is_overdue=None)) == [refused]
    assert sum_stopped_payouts(company=lost.company) == (None, OfficialReview(1, lost.amount_cny))


def test_quarantine_waits_for_the_sender_until_a_better_delivery_came() -> None:
    sender = official("he", "department")

    def delivered(name: str, quarantined: int) -> None:
        Delivery.objects.create(
            delivery_id=name,
            dataset="tax",
            as_of_on=TODAY,
            sha256="0" * 64,
            byte_count=1,
            status=DeliveryStatus.LANDED,
            quarantined_count=quarantined,
            received_at=timezone.now(),
            delivered_by=sender,
        )

    delivered("first", 3)
    assert work_of(sender) == {"Deliveries with rows in quarantine": 1}
    delivered("second", 0)
    assert work_of(sender) == {}


def test_many_are_counted_only_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklist, "MANY", 2)
    author = official("lin", "officer")
    for _ in range(3):
        make_draft('company.size = "small"', actor=author, policy=make_policy())
    (many,) = worklist.list_work(user=author, now=timezone.now())
    assert (many.count, many.is_many) == (2, True)


@pytest.mark.parametrize("item", worklist.WORK_ITEMS, ids=lambda item: f"{item.url_name}?{item.query}")
def test_every_list_behind_a_number_opens_with_its_filter(item: worklist.WorkItem) -> None:
    client = Client()
    client.force_login(make_user("admin", is_staff=True, is_superuser=True))
    answer = client.get(item.link)
    assert answer.status_code == 200, answer.get("Location", "")
