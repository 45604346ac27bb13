"""The page of stuck work: who sees it, who releases leases, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from companies.models import Delivery, DeliveryStatus
from payouts.banks.gateway import Answer
from payouts.exceptions.stuck import SHOWN, find_stuck_work
from payouts.models import Batch, Clarification, Instruction, LeaseRelease, Payout, Reply
from payouts.replies.apply import apply_replies, record_answers
from payouts.sending.send import send_due
from policies.models import MatchRun
from tests.factories.clock import NOW, TODAY
from tests.factories.entitlements import make_version
from tests.factories.payouts import make_payout, make_released_batch
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.tellers import Teller

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
PAGE = "/admin/payouts/leaserelease/stuck/"


def silent(*, held_for: int = 600) -> Payout:
    """A payout that the bank has left unanswered for ten minutes; a worker holds it for `held_for` seconds more."""
    payout = make_payout()
    at = timezone.now()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=10, now=at - timedelta(minutes=10))
    Payout.objects.filter(pk=payout.pk).update(leased_until=at + timedelta(seconds=held_for))
    return payout


def everything() -> Payout:
    """Make one piece of stuck work of each kind."""
    payout, version = silent(), make_version()
    paid = make_payout()
    send_due(gateway=Teller(), limit=10, now=timezone.now())
    record_answers(answers=[Answer(f"Q{paid.pk:015d}A01", "refused", NOW)], now=timezone.now())
    while apply_replies(limit=10, now=timezone.now()):
        pass
    MatchRun.objects.create(version=version, asked_at=NOW, refusal="T-1: too slow", holds_claims=True)
    Delivery.objects.create(
        delivery_id="tax-late",
        dataset="tax",
        as_of_on=TODAY,
        sha256="0" * 64,
        byte_count=1,
        status=DeliveryStatus.LANDED,
        received_at=timezone.now() - timedelta(hours=1),
    )
    return payout


@pytest.mark.parametrize(
    ("role", "sees", "releases"),
    [("finance", 200, 302), ("auditor", 200, 403), ("officer", 403, 403), ("department", 403, 403)],
)
def test_finance_releases_auditors_read_and_nobody_else(role: str, sees: int, releases: int, browser: Browser) -> None:
    payout, client = everything(), browser("official", role=role)
    assert client.get(PAGE).status_code == sees
    assert client.post(PAGE, {"payout": payout.pk, "because": "it hangs"}).status_code == releases
    assert LeaseRelease.objects.count() == (releases == 302)


def test_a_stranger_is_asked_to_sign_in_and_an_owner_too(owner: Client) -> None:
    assert Client().get(PAGE).status_code == 302
    assert owner.post(PAGE, {"payout": 1, "because": "mine"}).status_code == 302
    assert not LeaseRelease.objects.exists()


def test_each_kind_is_named_with_what_to_do(browser: Browser) -> None:
    payout = everything()
    text = browser("clerk", role="finance").get(PAGE).content.decode()
    said = ("held by a worker until", "Replies that contradict", "T-1: too slow", "Tax · Tax by year · ", "1\xa0hour")
    for each in (f"#{payout.pk} ", *said):
        assert each in text
    assert text.count("officer-card") == 4


def test_nothing_stuck_is_said(browser: Browser) -> None:
    make_payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=10, now=timezone.now())
    text = browser("clerk", role="finance").get(PAGE).content.decode()
    assert "Nothing is stuck." in text
    assert 'name="because"' not in text


def test_it_speaks_chinese(browser: Browser) -> None:
    everything()
    text = browser("clerk", role="finance", language="zh-hans").get(PAGE).content.decode()
    for said in ("滞留事项", "银行尚未办结的兑付单", "相互矛盾的回执", "释放所选兑付单"):
        assert said in text
    assert "held by" not in text


def test_a_release_is_said_and_kept_with_the_name(browser: Browser) -> None:
    payout, client = silent(), browser("clerk", role="finance")
    answer = client.post(PAGE, {"payout": payout.pk, "because": "it hangs"}, follow=True)
    assert "1 payout was released; the bank is asked about it now." in answer.content.decode()
    kept = LeaseRelease.objects.select_related("released_by").get()
    assert (kept.payout_id, kept.released_by.username, kept.because) == (payout.pk, "clerk", "it hangs")
    listed = client.get(reverse("admin:payouts_leaserelease_changelist")).content.decode()
    assert "it hangs" in listed
    assert "held by nobody" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"because": "it hangs"}, "Mark at least one payout"),
        ({"payout": "x", "because": "it hangs"}, "Mark at least one payout"),
        ({"payout": "9" * 30, "because": "it hangs"}, "Mark at least one payout"),
        ({"payout": "MINE", "because": ""}, "This field is required"),
        ({"payout": "999999", "because": "it hangs"}, "No worker holds these payouts any more"),
    ],
)
def test_bad_input_is_told_and_changes_nothing(given: dict[str, str], said: str, browser: Browser) -> None:
    payout = silent()
    leased_until = Payout.objects.get(pk=payout.pk).leased_until
    given = given | ({"payout": str(payout.pk)} if given.get("payout") == "MINE" else {})
    assert said in browser("clerk", role="finance").post(PAGE, given, follow=True).content.decode()
    assert Payout.objects.get(pk=payout.pk).leased_until == leased_until
    assert not LeaseRelease.objects.exists()


def test_each_kind_is_one_statement(django_assert_num_queries: Callable[..., object]) -> None:
    everything()
    with django_assert_num_queries(5):  # type: ignore[attr-defined]
        found = find_stuck_work(now=timezone.now())
    assert found.total == 4


def test_an_answer_that_waits_here_is_not_the_banks_silence() -> None:
    make_payout()
    send_due(gateway=Teller(), limit=10, now=timezone.now() - timedelta(minutes=10))
    assert find_stuck_work(now=timezone.now()).total == 0


def test_what_goes_by_file_is_answered_in_days() -> None:
    make_released_batch(1)
    assert find_stuck_work(now=timezone.now()).payouts.total == 0


def test_a_batch_is_let_through_and_a_lease_let_go_in_chinese() -> None:
    with override("zh-hans"):
        names = [str(model._meta.get_field("released_at").verbose_name) for model in (Batch, LeaseRelease)]
    assert names == ["放行时间", "释放时间"]


def contradictions(count: int) -> list[Reply]:
    """Make so many contradicting replies, the newest last."""
    for _ in range(count):
        make_payout()
    send_due(gateway=Teller(), limit=count, now=NOW)
    apply_replies(limit=count, now=NOW)
    numbers = Instruction.objects.order_by("pk").values_list("end_to_end_id", flat=True)
    for place, number in enumerate(numbers):
        record_answers(answers=[Answer(number, "refused", NOW)], now=NOW + timedelta(minutes=place))
    apply_replies(limit=count, now=NOW)
    return list(Reply.objects.exclude(contradicted_status="").order_by("received_at"))


def test_the_newest_contradiction_is_shown_however_many_there_are(browser: Browser) -> None:
    replies = contradictions(SHOWN + 1)
    text = browser("clerk", role="finance").get(PAGE).content.decode()
    assert str(replies[-1].instruction) in text
    assert str(replies[0].instruction) not in text
    assert f"The newest {SHOWN} of {SHOWN + 1}." in text


def test_what_a_clerk_found_out_takes_a_contradiction_off_the_page(browser: Browser) -> None:
    reply, other = contradictions(2)
    clerk = browser("clerk", role="finance")
    address = reverse("admin:payouts_reply_change", args=[reply.pk])
    step = reverse("admin:payouts_reply_clarify", args=[reply.pk])
    assert step in clerk.get(address).content.decode()
    assert "This field is required" in clerk.post(step, {"because": ""}).content.decode()
    assert "waits for nobody" in clerk.post(step, {"because": "The bank paid it."}, follow=True).content.decode()
    text = clerk.get(address).content.decode()
    assert "The bank paid it. · clerk" in text
    assert step not in text
    assert "decided already" in clerk.post(step, {"because": "Again."}, follow=True).content.decode()
    assert [each.pk for each in find_stuck_work(now=timezone.now()).contradictions.rows] == [other.pk]


@pytest.mark.parametrize("role", ["auditor", "officer"])
def test_nobody_but_finance_writes_down_what_was_found(role: str, browser: Browser) -> None:
    (reply,) = contradictions(1)
    step = reverse("admin:payouts_reply_clarify", args=[reply.pk])
    assert browser("official", role=role).post(step, {"because": "so"}).status_code == 403
    assert not Clarification.objects.exists()


def test_what_agrees_has_nothing_to_find_out(browser: Browser) -> None:
    contradictions(1)
    agrees = Reply.objects.get(contradicted_status="")
    step = reverse("admin:payouts_reply_clarify", args=[agrees.pk])
    said = (
        browser("clerk", role="finance").post(step, {"because": "so", "was_paid": "no"}, follow=True).content.decode()
    )
    assert "This reply contradicts nothing." in said


def test_the_database_keeps_what_was_found() -> None:
    (reply,) = contradictions(1)
    agrees, clerk = Reply.objects.get(contradicted_status=""), make_user("clerk").pk
    write = (
        "INSERT INTO payouts_clarification (reply_id, because, clarified_at, clarified_by_id)"
        " VALUES (%s, %s, now(), %s)"
    )
    assert refusal_of(write, agrees.pk, "so", clerk) == "clarification_is_of_a_contradiction"
    assert refusal_of(write, reply.pk, "", clerk) == "clarification_says_what_was_found"
    assert refusal_of(write, reply.pk, "so", clerk) is None
    assert refusal_of("UPDATE payouts_clarification SET because = 'other'") == "clarification_is_kept"
