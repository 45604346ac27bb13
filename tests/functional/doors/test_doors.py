"""Every role tries every page of the portal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, User
from tests.factories.claims import claim_entitlements
from tests.factories.companies import make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.people import make_user
from tests.factories.white_lists import list_row, make_list_version, make_published_list
from tests.functional.conftest import in_force

pytestmark = pytest.mark.django_db

PUBLIC = ["home", "cockpit", "sign-in", "healthz"]
FIRM_DOORS = ["firm", "history", "history-file", "account", "claim-progress", "receipt", "entitlement", "reasons"]
ROLES = ["officer", "finance", "department", "auditor"]


@pytest.fixture
def doors(firm: Company) -> dict[str, str]:
    """The address of every page of a firm that has claimed one entitlement and may claim another."""
    version = in_force()
    claimed = make_entitlement(of=version, company=firm)
    other = make_entitlement(of=version, company=firm)
    done = claim_entitlements(
        entitlement_ids=[claimed.pk], company=firm, commitment="yes", actor=make_user("clicker"), now=timezone.now()
    )
    code = firm.credit_code
    return {
        "firm": reverse("firm", args=[code]),
        "history": reverse("history", args=[code]),
        "history-file": reverse("history-file", args=[code]),
        "account": reverse("account", args=[code]),
        "claim-progress": reverse("claim-progress", args=[code, done.claim_ids[0]]),
        "receipt": reverse("receipt", args=[code, done.payout_ids[0]]),
        "entitlement": reverse("entitlement", args=[code, other.pk]),
        "reasons": reverse("reasons", args=[code, version.policy.code]),
    }


@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages_are_open_to_everybody(name: str) -> None:
    assert Client().get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ["policy", "white-list", "calculator"])
def test_the_pages_of_a_policy_are_open_to_everybody(name: str) -> None:
    today = timezone.localdate()
    version = make_list_version(
        now=timezone.now(), opens_on=today, closes_on=today + timedelta(days=30), list_is_public=True
    )
    make_published_list(version, list_row(make_company(), 5))
    assert Client().get(reverse(name, args=[version.policy.code])).status_code == 200
    assert Client().get(reverse(name, args=["no-such-policy"])).status_code == 404


DESK_DOORS = {
    "whitelist_changelist": {"officer", "finance", "department", "auditor"},
    "whitelist_bring": {"officer", "department"},
    "whitelistentry_changelist": {"officer", "finance", "department", "auditor"},
    "reminder_changelist": {"officer", "auditor"},
    "reminderround_changelist": {"officer", "auditor"},
}


@pytest.mark.parametrize("role", [*ROLES, ""])
@pytest.mark.parametrize("name", DESK_DOORS)
def test_the_desk_of_lists_opens_to_its_roles(name: str, role: str, browser: Callable[..., Client]) -> None:
    answer = browser("official", role=role).get(reverse(f"admin:policies_{name}"))
    assert (answer.status_code == 200) is (role in DESK_DOORS[name])


@pytest.mark.parametrize("name", FIRM_DOORS)
def test_the_owner_gets_in(name: str, doors: dict[str, str], owner: Client) -> None:
    answer = owner.get(doors[name])
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", FIRM_DOORS)
def test_a_stranger_is_asked_to_sign_in(name: str, doors: dict[str, str]) -> None:
    answer = Client().get(doors[name])
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("sign-in"))


@pytest.mark.parametrize("name", FIRM_DOORS)
def test_the_owner_of_another_firm_finds_nothing(
    name: str, doors: dict[str, str], browser: Callable[..., Client]
) -> None:
    assert browser("neighbour", make_company("邻居有限公司")).get(doors[name]).status_code == 404


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", FIRM_DOORS)
def test_officials_have_no_business_on_a_firms_pages(
    name: str, role: str, doors: dict[str, str], browser: Callable[..., Client]
) -> None:
    assert browser("official", role=role).get(doors[name]).status_code == 404


@pytest.mark.parametrize(
    ("page", "number"), [("claim-progress", 10**9), ("receipt", 10**9), ("entitlement", 10**9), ("receipt", 10**17)]
)
def test_what_does_not_exist_is_not_found(page: str, number: int, firm: Company, owner: Client) -> None:
    assert owner.get(reverse(page, args=[firm.credit_code, number])).status_code == 404


@pytest.mark.parametrize("page", ["claim-progress", "receipt", "entitlement"])
def test_another_firms_things_are_not_found_under_ones_own_address(
    page: str, doors: dict[str, str], browser: Callable[..., Client]
) -> None:
    mine = make_company("别家有限公司")
    address = doors[page].split("/firms/")[1].split("/", 1)[1]
    answer = browser("neighbour", mine).get(f"/firms/{mine.credit_code}/{address}")
    assert answer.status_code == 404


def test_somebody_elses_firm_leaves_a_line_in_the_log(
    doors: dict[str, str], browser: Callable[..., Client], capsys: pytest.CaptureFixture[str]
) -> None:
    browser("neighbour", make_company()).get(doors["firm"])
    assert "company.not_yours" in capsys.readouterr().err


@pytest.mark.parametrize("role", ROLES)
def test_after_signing_in_officials_land_in_the_admin(role: str, browser: Callable[..., Client]) -> None:
    assert browser("official", role=role).get(reverse("desk"))["Location"] == reverse("admin:index")


def test_after_signing_in_an_owner_lands_at_the_firm_or_at_the_choice(
    firm: Company, browser: Callable[..., Client]
) -> None:
    one = browser("one", firm).get(reverse("desk"))
    several = browser("several", firm, make_company("第二家有限公司")).get(reverse("desk"))
    none = browser("none").get(reverse("desk"))
    assert one["Location"] == reverse("firm", args=[firm.credit_code])
    assert several["Location"] == none["Location"] == reverse("firms")


def test_the_choice_shows_what_each_firm_can_claim(firm: Company, browser: Callable[..., Client]) -> None:
    make_entitlement(of=in_force(), company=firm, amount_cny=750)
    client = browser("several", firm, make_company("第二家有限公司", has_account=False))
    page = client.get(reverse("firms")).content.decode()
    assert "¥750.00" in page
    assert "第二家有限公司" in page
    assert "Nothing to claim right now" in page


def test_somebody_without_a_firm_reads_what_to_do(browser: Callable[..., Client]) -> None:
    assert "No firm is linked" in browser("none").get(reverse("firms")).content.decode()


def test_a_locked_account_reads_a_kind_sentence() -> None:
    User.objects.create(username="owner")
    guesser = Client(headers={"accept-language": "en"})
    for _attempt in range(5):
        answer = guesser.post(reverse("sign-in"), {"username": "owner", "password": "wrong"})
    assert answer.status_code == 429
    assert "Too many wrong passwords" in answer.content.decode()


def test_signing_in_and_out(browser: Callable[..., Client], firm: Company) -> None:
    browser("owner", firm)
    owner = User.objects.get(username="owner")
    owner.set_password("only-for-this-test")
    owner.save()
    visitor = Client(headers={"accept-language": "en"})
    wrong = visitor.post(reverse("sign-in"), {"username": "owner", "password": "no"})
    assert wrong.status_code == 200
    assert 'role="alert"' in wrong.content.decode()
    right = visitor.post(reverse("sign-in"), {"username": "owner", "password": "only-for-this-test"}, follow=True)
    assert right.request["PATH_INFO"] == reverse("firm", args=[firm.credit_code])
    assert visitor.get(reverse("sign-out")).status_code == 405
    visitor.post(reverse("sign-out"))
    assert visitor.get(reverse("desk")).status_code == 302


def test_officials_come_through_the_same_door() -> None:
    answer = Client().get("/admin/login/?next=/admin/")
    assert answer["Location"] == f"{reverse('sign-in')}?next=/admin/"


@pytest.mark.parametrize("address", ["/admin/", "/admin/payouts/payout/", "/sign-in/?next=/admin/"])
def test_the_admin_is_closed_to_owners_and_says_so(address: str, owner: Client, firm: Company) -> None:
    answer = owner.get(address, follow=True)
    if address.startswith("/sign-in/"):
        assert answer.request["PATH_INFO"] == reverse("firm", args=[firm.credit_code])
    else:
        assert answer.status_code == 403
        assert "Your account may not see this page" in answer.content.decode()


@pytest.mark.parametrize("address", ["/sign-in/", "http://testserver/sign-in/", "/sign-in/?next=/sign-in/"])
def test_who_is_signed_in_goes_to_the_own_desk(address: str, owner: Client, browser: Callable[..., Client]) -> None:
    for client in (owner, browser("official", role="finance")):
        assert client.get(reverse("sign-in"), {"next": address})["Location"] == reverse("desk")


def test_signing_in_leads_where_one_wanted_to_go(browser: Callable[..., Client]) -> None:
    answer = browser("official", role="finance").get(reverse("sign-in"), {"next": "/admin/payouts/"})
    assert answer["Location"] == "/admin/payouts/"
    assert 'value="/admin/"' in Client().get("/sign-in/?next=/admin/").content.decode()
