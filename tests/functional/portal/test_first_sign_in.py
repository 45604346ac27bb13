"""A firm's first sign-in by the city's identity, through the simulator's own process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from stdnum.cn import uscc

from companies.memberships.invitations import invite
from companies.memberships.members import remove_member
from companies.models import Company, DataAuthorisation, FirmRole, Membership, MembershipChange, User
from qinqing.identity_provider.register import LegalPerson, Person
from tests.factories.companies import act_for, make_company
from tests.factories.people import make_user
from tests.identity import Simulator, running_simulator, signed_in_by, trust

pytestmark = pytest.mark.django_db

PORT = 8099
HOST = f"127.0.0.1:{PORT}"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder: Path = tmp_path_factory.mktemp("identity")
    with running_simulator(folder, web_port=PORT) as simulator:
        yield simulator


@pytest.fixture
def simulator(process: Simulator, settings: LazySettings) -> Simulator:
    trust(settings, process.url)
    return process


@pytest.fixture
def firm() -> Company:
    return make_company("杭州清茶有限公司")


def person(subject: str, *firms: Company, role: str = "representative") -> Person:
    acts_for = tuple(LegalPerson(each.credit_code, each.name, role) for each in firms)
    return Person(subject, f"姓名{subject}", 3, acts_for)


def arrive(subject: str, next_url: str = "") -> tuple[Client, Any]:
    client = Client(headers={"accept-language": "en"})
    return client, signed_in_by(client, subject, host=HOST, fields={"next": next_url})


def bind(client: Client, firm: Company, **changes: str) -> Any:
    page = client.get(reverse("first-sign-in")).content.decode()
    digest = page.partition('name="digest" value="')[2].partition('"')[0]
    sent = {"credit_code": firm.credit_code, "is_accepted": "on", "digest": digest} | changes
    return client.post(reverse("first-sign-in"), sent)


def member(subject: str, firm: Company) -> Membership | None:
    return Membership.objects.filter(user__first_name=f"姓名{subject}", company=firm).first()


def test_the_representative_binds_authorises_and_may_invite(simulator: Simulator, firm: Company) -> None:
    simulator.knows(person("r", firm))
    client, answer = arrive("r")
    assert answer["Location"] == reverse("desk")
    assert client.get(reverse("desk"))["Location"] == reverse("first-sign-in")
    assert not Membership.objects.exists()
    page = client.get(reverse("first-sign-in")).content.decode()
    assert "authorises the subsidy platform" in page
    answer = bind(client, firm)
    assert answer.status_code == 302
    made = member("r", firm)
    assert made is not None
    assert (made.role, made.capacity, made.day_limit_cny) == ("acceptor", "representative", None)
    kept = DataAuthorisation.objects.get()
    assert (kept.company, kept.person) == (firm, made.user)
    assert kept.text_sha256 == hashlib.sha256(kept.text.encode()).hexdigest()
    assert firm.credit_code in kept.text
    shown = client.get(answer["Location"]).content.decode()
    assert "The firm is bound, and the use of its data authorised" in shown
    assert "Invite a colleague" in shown
    assert client.get(reverse("desk"))["Location"] == reverse("firm", args=[firm.credit_code])
    assert list(MembershipChange.objects.values_list("kind", flat=True)) == ["bound"]


@pytest.mark.parametrize("changes", [{"is_accepted": ""}, {"digest": "0" * 64}])
def test_without_the_tick_or_with_another_text_nothing_is_bound(
    changes: dict[str, str], simulator: Simulator, firm: Company
) -> None:
    simulator.knows(person("r", firm))
    client, _answer = arrive("r")
    assert bind(client, firm, **changes).status_code == 422
    assert not DataAuthorisation.objects.exists()
    assert not Membership.objects.exists()


def test_a_firm_that_the_platform_does_not_know_gets_a_sentence(simulator: Simulator, firm: Company) -> None:

    stem = "91330106MA2B1N3T4"
    code = stem + uscc.calc_check_digit(stem)
    simulator.knows(Person("u", "姓名u", 3, (LegalPerson(code, "未知企业", "representative"),)))
    client, _answer = arrive("u")
    page = client.get(reverse("first-sign-in")).content.decode()
    assert f"does not know a firm with the credit code {code}" in page
    sent = {"credit_code": code, "is_accepted": "on", "digest": hashlib.sha256(b"").hexdigest()}
    assert client.post(reverse("first-sign-in"), sent).status_code == 422


def bound(simulator: Simulator, firm: Company, *others: Person) -> Client:
    """Have the representative bind the firm; the register then knows the others, too."""
    simulator.knows(person("r", firm), *others)
    client, _answer = arrive("r")
    assert bind(client, firm).status_code == 302
    return client


def test_an_authorised_person_waits_for_the_representative_and_then_prepares(
    simulator: Simulator, firm: Company
) -> None:
    clerk = person("a", firm, role="authorised")
    simulator.knows(clerk)
    client, _answer = arrive("a")
    assert "legal representative signs in first" in client.get(reverse("first-sign-in")).content.decode()
    bound(simulator, firm, clerk)
    arrive("a")
    made = member("a", firm)
    assert made is not None
    assert (made.role, made.capacity) == ("preparer", "authorised")


def test_an_authorised_person_whose_claim_has_ended_loses_the_membership_at_the_next_sign_in(
    simulator: Simulator, firm: Company
) -> None:
    bound(simulator, firm, person("a", firm, role="authorised"))
    arrive("a")
    simulator.knows(person("r", firm), person("a"))
    client, _answer = arrive("a")
    assert member("a", firm) is None
    assert client.get(reverse("firm", args=[firm.credit_code])).status_code == 404
    assert "ended" in MembershipChange.objects.values_list("kind", flat=True)


def test_what_an_invitation_gave_outlives_the_identitys_silence(simulator: Simulator, firm: Company) -> None:
    simulator.knows(person("i"))
    boss = act_for(firm, make_user("boss"))
    token = invite(
        company=firm, invited_name="i", role=FirmRole.VIEWER, day_limit_cny=None, actor=boss, now=timezone.now()
    ).token
    where = f"{reverse('invitation')}?token={token}"
    client, answer = arrive("i", where)
    assert answer["Location"] == where
    assert client.post(reverse("invitation"), {"token": token}).status_code == 302
    arrive("i")
    made = member("i", firm)
    assert made is not None
    assert (made.role, made.capacity) == ("viewer", "")


def test_a_new_representative_takes_the_place_of_the_earlier_one(simulator: Simulator, firm: Company) -> None:
    bound(simulator, firm)
    simulator.knows(person("new", firm))
    arrive("new")
    assert member("r", firm) is None
    made = member("new", firm)
    assert made is not None
    assert made.capacity == "representative"
    assert DataAuthorisation.objects.count() == 1


def test_whom_the_firm_removed_the_identity_does_not_bring_back(simulator: Simulator, firm: Company) -> None:
    bound(simulator, firm, person("a", firm, role="authorised"))
    arrive("a")
    representative = member("r", firm)
    removed = member("a", firm)
    assert representative is not None
    assert removed is not None
    remove_member(company=firm, member_id=removed.pk, actor=representative.user, now=timezone.now())
    arrive("a")
    assert member("a", firm) is None


def test_nobody_removes_or_changes_the_representative(simulator: Simulator, firm: Company) -> None:
    client = bound(simulator, firm)
    acceptor = act_for(firm, make_user("second"))
    own = member("r", firm)
    assert own is not None
    other = Client(headers={"accept-language": "en"})
    other.force_login(acceptor)
    where = reverse("member", args=[firm.credit_code, own.pk])
    for sent in ({"role": "viewer"}, {"remove": "yes"}):
        assert "cannot change that here" in other.post(where, sent).content.decode()
    assert client.post(reverse("leave", args=[firm.credit_code])).status_code == 422


def test_an_accountant_has_one_role_for_each_firm(simulator: Simulator, firm: Company) -> None:
    other = make_company("别家")
    for each in (firm, other):
        bound(simulator, each)
    simulator.knows(person("acc", firm, other, role="authorised"))
    arrive("acc")
    user = User.objects.get(first_name="姓名acc")
    Membership.objects.filter(user=user, company=other).update(role="viewer")
    arrive("acc")
    roles = dict(user.memberships.values_list("company__name", "role"))
    assert roles == {firm.name: "preparer", other.name: "viewer"}


ACCOUNT = {
    "holder_name": "杭州清茶有限公司",
    "bank_name": "杭州银行",
    "bank_number": "313331000014",
    "number": "33050161000000001",
    "number_again": "33050161000000001",
    "is_confirmed": "on",
}


def test_before_the_account_changes_the_city_asks_once_more_and_what_was_sent_is_kept(
    simulator: Simulator, firm: Company, settings: LazySettings
) -> None:
    client = bound(simulator, firm)
    settings.STEP_UP_SECONDS = 0
    where = reverse("account", args=[firm.credit_code])
    asked = client.post(where, ACCOUNT)
    assert asked["Location"].startswith(reverse("city-identity-again"))
    assert "Confirm by the city" in client.get(asked["Location"]).content.decode()
    settings.STEP_UP_SECONDS = 300
    begin = {"again": "yes", "next": reverse("step-up-resume")}
    answer = signed_in_by(client, "r", host=HOST, fields=begin)
    assert answer["Location"] == reverse("step-up-resume")
    assert "33050161000000001" in client.get(answer["Location"]).content.decode()
    assert client.post(where, ACCOUNT).status_code == 302
    assert firm.accounts.filter(is_payees_word=True).exists()


def test_somebody_else_does_not_prove_it_for_who_is_signed_in(simulator: Simulator, firm: Company) -> None:
    client = bound(simulator, firm, person("other"))
    arrive("other")
    answer = signed_in_by(client, "other", host=HOST, fields={"again": "yes"})
    assert answer.status_code == 403
    assert "somebody else" in answer.content.decode()
    assert client.get(reverse("firm", args=[firm.credit_code])).status_code == 200
