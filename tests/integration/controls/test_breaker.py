"""
The circuit breaker: what suspends a version by itself, what then waits, and what goes on once the suspension is lifted.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from companies.contracts.registry import contracts
from companies.models import Company
from payouts.batches.release import release_batch
from payouts.batches.transition import BatchRefused
from payouts.claims.automatic import claim_automatic
from payouts.claims.refusals import NotOpen
from payouts.controls.circuit_breaker import watch_breakers
from payouts.exceptions.manual import retry_payouts
from payouts.models import Payout
from payouts.replies.apply import apply_replies
from payouts.sending import send as sending
from payouts.sending.send import send_due
from payouts.states import Status
from policies.authoring.publish import close_version
from policies.authoring.staleness import suspend_stale
from policies.authoring.suspend import suspend_version
from policies.authoring.suspensions import pauses, pauses_for
from policies.matching.run import _set_version_aside
from policies.models import Breaker, PolicyVersion, SuspensionKind, VersionStatus
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.text import Bilingual
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.decisions import lift_by_two
from tests.factories.deliveries import make_all_deliveries, make_delivery
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.payouts import check_batch, make_payout, make_sealed_batch
from tests.factories.people import make_user
from tests.factories.policies import entitlements_of, make_breaker, make_published, match_all
from tests.tellers import Teller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

S = VersionStatus


def stands(version: PolicyVersion) -> str:
    return PolicyVersion.objects.get(pk=version.pk).status


def answered(version: PolicyVersion, *, paid: int = 0, refused: int = 0, now: datetime = NOW) -> None:
    """Make payouts that the bank pays, and payouts that it refuses."""
    for count, outcome in ((paid, "paid"), (refused, "refused")):
        for _ in range(count):
            make_payout(of=version)
        send_due(gateway=Teller(outcome=outcome, as_of=now), limit=100, now=now)
        apply_replies(limit=100, now=now)


def stop(version: PolicyVersion, reason: str = "The list was wrong.") -> None:
    suspend_version(version=version, actor=make_user("first"), reason=reason, now=NOW)


class TestWhatWaits:
    def test_a_claim_is_refused_with_the_reason_and_who_can_lift_it(self) -> None:
        right = make_entitlement()
        stop(right.version)
        with pytest.raises(NotOpen) as refusal:
            claim_entitlements(
                entitlement_ids=[right.pk], company=right.company, commitment="", actor=make_user("owner"), now=NOW
            )
        sentence = str(refusal.value)
        assert "is suspended since" in sentence
        assert "The list was wrong." in sentence
        assert "a policy officer of" in sentence
        assert [pause.code for pause in pauses_for(company=right.company)] == [right.policy.code]
        assert claim_automatic(limit=10, now=NOW) == 0

    def test_nothing_is_sent_until_it_is_lifted_even_if_the_version_is_closed(self) -> None:
        payout, other, bank = make_payout(), make_payout(), Teller()
        version = payout.fund.version
        stop(version)
        close_version(version=version, actor=make_user("first"), because="no money left", now=NOW)
        assert send_due(gateway=bank, limit=10, now=NOW).count == 1
        assert (Payout.objects.get(pk=payout.pk).status, Payout.objects.get(pk=other.pk).status) == (
            Status.APPROVED,
            Status.SENT,
        )
        lift_by_two(version)
        assert send_due(gateway=bank, limit=10, now=NOW).count == 1

    def test_the_database_lets_nothing_of_a_suspended_version_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        payout = make_payout()
        # Choose the payout as if the sender had looked just before the suspension.
        stop(payout.fund.version)
        monkeypatch.setattr(sending, "first_column", lambda *_about, **_values: [payout.pk])
        with pytest.raises(IntegrityError) as refusal:
            send_due(gateway=Teller(), limit=10, now=NOW)
        assert constraint_of(refusal.value) == "payout_of_a_suspended_policy_waits"

    def test_a_batch_of_a_suspended_version_is_not_released(self) -> None:
        batch = check_batch(batch=make_sealed_batch(2), actor=make_user("checker"), now=NOW)
        stop(batch.fund.version)
        with pytest.raises(BatchRefused, match="is suspended since"):
            release_batch(batch=batch, actor=make_user("releaser"), now=NOW)
        lift_by_two(batch.fund.version)
        release_batch(batch=batch, actor=make_user("releaser"), now=NOW)


class TestRefusals:
    def test_a_spike_stops_the_version_and_says_the_numbers(self) -> None:
        make_breaker(refused_count=3, refused_percent=50)
        version, calm = make_version(), make_version()
        answered(version, paid=3, refused=3)
        answered(calm, paid=4, refused=3)
        assert watch_breakers(now=NOW) == 1
        assert (stands(version), stands(calm)) == (S.SUSPENDED, S.PUBLISHED)
        suspension = version.suspensions.get()
        assert (suspension.kind, suspension.suspended_by) == (SuspensionKind.REFUSALS, None)
        assert suspension.why.en.startswith("The bank refused 3 of the 6 payouts it decided within 60 minutes")
        assert watch_breakers(now=NOW) == 0

    def test_one_payout_that_is_refused_again_and_again_stops_nobody_else(self) -> None:
        make_breaker(refused_count=2, refused_percent=50)
        version = make_version()
        make_payout(of=version)
        for _ in range(3):
            send_due(gateway=Teller(outcome="refused"), limit=10, now=NOW)
            apply_replies(limit=10, now=NOW)
            (refused,) = Payout.objects.filter(fund__version=version)
            retry_payouts(payout_ids=[refused.pk], actor=make_user("clerk"), because="again", now=NOW)
        assert watch_breakers(now=NOW) == 0
        answered(version, refused=1)
        assert watch_breakers(now=NOW) == 1

    @pytest.mark.parametrize(("refused", "minutes"), [(2, 0), (3, 61)])
    def test_few_or_old_refusals_stop_nothing(self, refused: int, minutes: int) -> None:
        make_breaker(refused_count=3, refused_percent=1)
        version = make_version()
        answered(version, refused=refused)
        assert watch_breakers(now=NOW + timedelta(minutes=minutes)) == 0
        assert stands(version) == S.PUBLISHED

    def test_a_policy_has_thresholds_of_its_own(self) -> None:
        version = make_version()
        make_breaker(refused_count=1, refused_percent=1)
        make_breaker(policy=version.policy, refused_count=100)
        answered(version, refused=3)
        assert watch_breakers(now=NOW) == 0

    def test_what_was_looked_at_does_not_stop_it_again(self) -> None:
        make_breaker(refused_count=2, refused_percent=1)
        version = make_version()
        answered(version, refused=2)
        watch_breakers(now=NOW)
        later = NOW + timedelta(minutes=5)
        lift_by_two(version, now=later)
        assert watch_breakers(now=later) == 0
        answered(version, refused=2, now=later + timedelta(minutes=1))
        assert watch_breakers(now=later + timedelta(minutes=2)) == 1


def on_one_account(how_many: int) -> list[Company]:
    """Companies that all have the same account."""
    return [make_company(account_number="6222021000000001") for _company in range(how_many)]


class TestAccounts:
    def claimed(self, version: PolicyVersion, companies: list[Company], *, now: datetime = NOW) -> None:
        for company in companies:
            right = make_entitlement(of=version, company=company)
            claim_entitlements(
                entitlement_ids=[right.pk], company=company, commitment="", actor=make_user("owner"), now=now
            )

    def test_an_account_that_collects_for_too_many_payees_stops_the_version(self) -> None:
        make_breaker(payees_per_account=2)
        version, companies = make_version(), on_one_account(3)
        self.claimed(version, companies[:2])
        assert watch_breakers(now=NOW) == 0
        self.claimed(version, companies[2:])
        assert watch_breakers(now=NOW) == 1
        suspension = version.suspensions.get()
        number = companies[0].accounts.get().number_masked
        assert suspension.kind == SuspensionKind.ACCOUNT
        assert suspension.why.en == f"3 payees collect on the account {number}; at most 2 may share one."

    def test_many_payouts_of_one_payee_are_nothing_to_stop_for(self) -> None:
        make_breaker(payees_per_account=1)
        version, company = make_version(), make_company()
        self.claimed(version, [company] * 4)
        assert watch_breakers(now=NOW) == 0

    def test_after_it_was_looked_at_one_more_payee_stops_it_again(self) -> None:
        make_breaker(payees_per_account=1)
        version, companies = make_version(), on_one_account(3)
        self.claimed(version, companies[:2])
        assert watch_breakers(now=NOW) == 1
        later = NOW + timedelta(hours=1)
        lift_by_two(version, now=later)
        assert watch_breakers(now=later) == 0
        self.claimed(version, companies[2:], now=later + timedelta(minutes=1))
        assert watch_breakers(now=later + timedelta(minutes=2)) == 1


class TestStaleness:
    """The register of employees goes stale after a number of days; then nothing follows from it."""

    def stale_from(self) -> date:
        days = contracts()["employees"].freshness_days
        assert days is not None
        return TODAY + timedelta(days=days + 1)

    def at(self, day: date) -> datetime:
        return NOW + (day - TODAY)

    def version(self) -> PolicyVersion:
        return make_published("employee.insured_months >= 6", subject="employee")

    def test_data_that_goes_stale_stops_the_version_and_names_the_department(self) -> None:
        make_all_deliveries()
        version = self.version()
        match_all()
        assert suspend_stale(now=NOW) == 0
        assert suspend_stale(now=self.at(self.stale_from())) == 1
        suspension = version.suspensions.get()
        assert (stands(version), suspension.kind) == (S.SUSPENDED, SuspensionKind.STALE)
        with translation.override("zh-hans"):
            assert "人力资源和社会保障局" in str(suspension.why)
        with translation.override("en"):
            assert "Human Resources" in str(suspension.why)
            assert "数据" not in pauses(version_ids=[version.pk])[0].sentence
        assert suspend_stale(now=self.at(self.stale_from())) == 0

    def test_what_was_stale_or_missing_from_the_start_stops_nothing(self) -> None:
        make_all_deliveries(but=["employees"], as_of_on=self.stale_from())
        missing = self.version()
        assert suspend_stale(now=NOW) == 0
        make_delivery("employees", as_of_on=TODAY - timedelta(days=3650))
        stale = self.version()
        assert suspend_stale(now=NOW) == 0
        assert (stands(missing), stands(stale)) == (S.PUBLISHED, S.PUBLISHED)

    def test_what_was_stale_from_the_start_is_no_news_because_matching_was_set_aside(self) -> None:
        make_all_deliveries(but=["employees"])
        make_delivery("employees", as_of_on=TODAY - timedelta(days=3650))
        version = self.version()
        _set_version_aside(version, Bilingual("太慢。", "it took too long"), NOW)
        assert suspend_stale(now=NOW) == 0
        assert stands(version) == S.PUBLISHED

    def test_lifted_though_stale_it_goes_on_until_the_data_goes_stale_anew(self) -> None:
        make_all_deliveries()
        version = self.version()
        match_all()
        late = self.at(self.stale_from())
        suspend_stale(now=late)
        lift_by_two(version, now=late)
        assert suspend_stale(now=late + timedelta(minutes=1)) == 0
        make_delivery("employees", as_of_on=late.date())
        match_all(now=late + timedelta(minutes=2))
        much_later = late + (self.stale_from() - TODAY) + timedelta(days=1)
        assert suspend_stale(now=much_later) == 1

    def test_an_officer_can_switch_it_off(self) -> None:
        make_all_deliveries()
        version = self.version()
        match_all()
        make_breaker(policy=version.policy, stops_when_stale=False)
        assert suspend_stale(now=self.at(self.stale_from())) == 0


def test_a_suspended_version_decides_nobody_and_everybody_when_it_goes_on() -> None:
    make_all_deliveries()
    version = make_published("true")
    match_all()
    stop(version)
    company = make_company()
    make_delivery("registration", touching=[company])
    match_all()
    assert entitlements_of(version) == {}
    lift_by_two(version, now=NOW)
    match_all()
    assert list(entitlements_of(version)) == [f"company:{company.pk}"]


@pytest.mark.parametrize(
    "thresholds",
    [{"refused_count": 0}, {"refused_percent": 101}, {"refused_minutes": 0}, {"payees_per_account": 0}],
)
def test_thresholds_that_stop_everything_or_nothing_are_refused(thresholds: dict[str, int]) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Breaker.objects.create(**thresholds)
    assert constraint_of(refusal.value) == "breaker_thresholds_are_sane"
    Breaker.objects.create()
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Breaker.objects.create()
    assert constraint_of(refusal.value) == "breaker_once"
