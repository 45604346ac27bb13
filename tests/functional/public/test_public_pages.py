"""What anybody may read: the front page, a policy's notice, the city's figures, and the pages of errors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from payouts.models import Payout
from qinqing.cockpit.queries import Figures, count, figures
from tests.factories.claims import claim_entitlements
from tests.factories.companies import make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import make_payout, settle_payouts
from tests.factories.people import make_employee
from tests.factories.policies import make_published
from tests.functional.conftest import in_force
from tests.superuser import unguarded

pytestmark = pytest.mark.django_db

ENGLISH = {"headers": {"accept-language": "en"}}


def paid(company: Company, *, amount_cny: int = 100, **fields: object) -> Payout:
    """A payout that arrived."""
    right = make_entitlement(of=in_force(), company=company, amount_cny=amount_cny, **fields)
    done = claim_entitlements(
        entitlement_ids=[right.pk], company=company, commitment="yes", actor=None, now=timezone.now()
    )
    settle_payouts(now=timezone.now())
    return Payout.objects.get(pk=done.payout_ids[0])


def page(name: str, *args: object, client: Client | None = None) -> str:
    return (client or Client(**ENGLISH)).get(reverse(name, args=args)).content.decode()


def test_the_front_page_lists_policies_with_their_worth_and_window() -> None:
    today = timezone.localdate()
    make_published('company.size = "small"', amount="500", opens_on=today, closes_on=today + timedelta(days=5))
    make_published('company.size = "large"', amount="tax[year = 2024].revenue * 0.01", opens_on=today)
    text = page("home")
    assert "¥500.00 for each company" in text
    assert "by formula, for each company" in text
    assert "A trial" in text


def test_a_policy_whose_window_is_past_is_not_on_the_front_page() -> None:
    today = timezone.localdate()
    in_force(opens_on=today - timedelta(days=9), closes_on=today - timedelta(days=1))
    assert "No policy is in force" in page("home")


def test_a_policys_notice_has_conditions_and_rules() -> None:
    version = make_published('company.size = "small"', amount="500")
    text = page("policy", version.policy.code)
    assert "Condition 1" in text
    assert "company.size = &quot;small&quot;" in text


def test_a_policy_that_is_not_in_force_is_not_found() -> None:
    assert Client().get(reverse("policy", args=["NONE"])).status_code == 404


def test_pages_speak_the_browsers_language_and_chinese_by_default() -> None:
    assert "生效中的政策" in page("home", client=Client())
    assert "生效中的政策" in page("home", client=Client(headers={"accept-language": "fr"}))
    assert '<html lang="en">' in page("home")
    assert '<html lang="zh-hans">' in page("home", client=Client(headers={"accept-language": "zh-CN,zh;q=0.9"}))


def test_the_language_can_be_switched_by_post_only() -> None:
    client = Client(**ENGLISH)
    client.get(reverse("set_language"), {"language": "zh-hans"})
    assert "Policies in force" in page("home", client=client)
    answer = client.post(reverse("set_language"), {"language": "zh-hans", "next": "/cockpit/"})
    assert answer["Location"] == "/cockpit/"
    assert "生效中的政策" in page("home", client=client)


def test_pages_allow_no_inline_code_and_no_other_host() -> None:
    answer = Client().get(reverse("home"))
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "style-src 'self';" in policy + ";"
    assert "unsafe" not in policy
    text = answer.content.decode()
    assert " style=" not in text
    assert "<style" not in text
    assert "<script>" not in text
    assert "//" not in text.replace("https://www.w3.org", "").replace("<!doctype", "")


def test_only_the_admin_is_allowed_what_its_theme_needs() -> None:
    assert "unsafe-eval" in Client().get("/admin/")["Content-Security-Policy"]


def test_the_health_check_asks_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get(reverse("healthz")).content == b"ok\n"

    def away() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", away)
    assert Client().get(reverse("healthz")).status_code == 503


def test_a_page_that_does_not_exist_says_so_in_a_sentence() -> None:
    answer = Client(**ENGLISH).get("/nothing-here/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_a_mistake_of_ours_says_that_money_is_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("qinqing.views.figures", broken)
    answer = Client(raise_request_exception=False, **ENGLISH).get(reverse("home"))
    assert answer.status_code == 500
    assert "nothing is paid twice" in answer.content.decode()
    assert "a mistake of ours" not in answer.content.decode()
    assert '<html lang="en">' in answer.content.decode()
    assert "<title>Something went wrong on our side" in answer.content.decode()


def test_the_cockpit_is_kind_while_nothing_is_paid() -> None:
    assert "Nothing has been paid yet" in page("cockpit")


def test_counters_tell_distinct_ones_from_claims() -> None:
    firm, other = make_company(), make_company()
    person = make_employee()
    paid(firm, amount_cny=100)
    paid(firm, amount_cny=50, employee=person)
    paid(other, amount_cny=7, employee=person)
    headline = count(now=timezone.now()).headline
    assert headline.paid_cny == Decimal(157)
    assert (headline.companies, headline.employees) == (2, 1)
    assert (headline.claims, headline.payouts) == (3, 3)
    assert headline.policies == 3


def test_parts_add_up_to_the_whole() -> None:
    for amount in (100, 20, 3):
        paid(make_company(), amount_cny=amount)
    counted = count(now=timezone.now())
    for parts in (counted.by_policy, counted.by_district, counted.by_day):
        assert sum(part.paid_cny for part in parts) == counted.headline.paid_cny
        assert sum(part.payouts for part in parts) == counted.headline.payouts


def test_a_district_that_was_dissolved_before_a_payout_has_no_bar_of_its_own() -> None:
    firms = [make_company(district=code) for code in ("330103", "330104", "330106")]
    for firm in firms:
        paid(firm, amount_cny=10)
    # One firm is paid in both dissolved districts, but counts as one firm.
    both = paid(firms[0], amount_cny=5)
    with unguarded():
        Payout.objects.filter(company=firms[0]).exclude(pk=both.pk).update(district="330103")
        Payout.objects.filter(pk=both.pk).update(district="330104")
        Payout.objects.filter(company=firms[1]).update(district="330104")
        Payout.objects.filter(company=firms[2]).update(district="330106")
    shown = {part.label.en: (part.paid_cny, part.companies) for part in count(now=timezone.now()).by_district}
    assert shown == {"Districts since dissolved": (Decimal(25), 2), "Xihu": (Decimal(10), 1)}
    # On the day before the reform the two districts still existed.
    with unguarded():
        Payout.objects.update(paid_at=datetime(2021, 4, 8, 15, 59, tzinfo=UTC))
    labels = {part.label.en for part in count(now=timezone.now()).by_district}
    assert labels == {"Xiacheng", "Jianggan", "Xihu"}


def test_what_is_not_paid_is_not_counted() -> None:
    make_payout()
    assert count(now=timezone.now()).headline.payouts == 0


def test_the_day_of_a_payout_is_that_of_the_citys_clock() -> None:
    payout = paid(make_company())
    assert count(now=timezone.now()).by_day[0].on == timezone.localdate(payout.paid_at)


def test_the_count_is_kept_for_ten_seconds_and_names_its_time() -> None:
    now = timezone.now()
    first = figures(now=now)
    paid(make_company())
    assert figures(now=now + timedelta(seconds=9)) == first
    later = figures(now=now + timedelta(seconds=11))
    assert later.headline.payouts == 1
    assert later.counted_at == now + timedelta(seconds=11)


@pytest.mark.django_db(transaction=True)
def test_the_first_reader_after_a_quiet_night_is_shown_a_new_count() -> None:
    evening = timezone.now()
    figures(now=evening)
    paid(make_company())
    morning = figures(now=evening + timedelta(hours=10))
    assert (morning.headline.payouts, morning.counted_at) == (1, evening + timedelta(hours=10))


def test_a_count_is_renewed_beside_the_page_before_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[datetime] = []
    monkeypatch.setattr("qinqing.cockpit.queries._begin_count", begun.append)
    now = timezone.now()
    first = figures(now=now)
    assert figures(now=now + timedelta(seconds=5)) == first
    assert not begun
    assert figures(now=now + timedelta(seconds=8)) == first
    assert begun == [now + timedelta(seconds=8)]


def test_what_a_clock_counted_that_was_ahead_is_counted_again() -> None:
    now = timezone.now()
    figures(now=now + timedelta(hours=5))
    paid(make_company())
    again = figures(now=now)
    assert (again.headline.payouts, again.counted_at) == (1, now)


def test_who_comes_while_one_counts_waits_for_that_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now, counted = timezone.now(), count(now=timezone.now())
    begun, may_end = Event(), Event()
    counts: list[object] = []

    def slow_count(*, now: datetime) -> Figures:
        counts.append(now)
        begun.set()
        assert may_end.wait(timeout=30)
        return replace(counted, counted_at=now)

    monkeypatch.setattr("qinqing.cockpit.queries.count", slow_count)
    with ThreadPoolExecutor(2) as readers:
        one = readers.submit(figures, now=now)
        assert begun.wait(timeout=30)
        other = readers.submit(figures, now=now)
        may_end.set()
        assert one.result() == other.result()
    assert counts == [now]


def test_a_count_that_fails_leaves_the_next_one_free(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*, now: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr("qinqing.cockpit.queries.count", broken)
        with pytest.raises(DatabaseError):
            figures(now=timezone.now())
    assert figures(now=timezone.now()).headline.payouts == 0


def test_more_days_than_the_drawing_has_are_not_called_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    payout = paid(make_company())
    assert "All days as a table" not in page("cockpit")
    cache.clear()
    monkeypatch.setattr("qinqing.cockpit.charts.DAYS_SHOWN", 1)
    with unguarded():
        Payout.objects.filter(pk=payout.pk).update(paid_at=timezone.now() - timedelta(days=1))
    paid(make_company())
    assert "All days as a table" in page("cockpit")


def test_the_cockpit_asks_the_database_little(django_assert_max_num_queries: object) -> None:
    for _ in range(3):
        paid(make_company())
    with django_assert_max_num_queries(6):
        text = page("cockpit")
    assert "¥300" in text
    assert "distinct" in text
