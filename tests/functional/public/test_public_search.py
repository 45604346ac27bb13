"""
The search finds firms on the public lists, and no persons; an objection to a payout that just left keeps its text.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from payouts.models import Objection, Payout
from payouts.publicity import queries as publicity
from payouts.publicity.publicise import end_publicity
from payouts.states import Status
from policies.models import Payee, Subject, Track
from policies.white_lists import queries as white_lists
from qinqing.kernel.web.rate_limit import SEARCHES
from tests.factories.claims import claim_entitlements
from tests.factories.companies import make_account, make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.objections import object_to
from tests.factories.people import make_employee, make_user
from tests.factories.white_lists import list_person_row, list_row, make_list_version, make_published_list
from tests.functional.conftest import in_force
from tests.functional.public.test_publicity import SAID, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def anybody() -> Client:
    # The server counts searches by address, and its counts outlive a test.
    address = f"2001:db8:{secrets.randbelow(65_536):x}:{secrets.randbelow(65_536):x}::1"
    return Client(headers={"accept-language": "en"}, REMOTE_ADDR=address)


def found(client: Client, words: str, **sent: str) -> str:
    return client.get(reverse("publicity"), {"q": words, **sent}).content.decode()


def test_a_firm_is_found_by_a_part_of_its_name_or_by_its_code(anybody: Client, firm: Company) -> None:
    other = make_company("宁波红茶有限公司")
    shown(firm)
    shown(other)
    for words in ("清茶", firm.credit_code, firm.credit_code.lower(), f" {firm.name} "):
        text = found(anybody, words)
        assert firm.name in text, words
        assert other.name not in text, words
    assert firm.name not in found(anybody, firm.credit_code[:10])
    assert "Nothing of such a firm is on the list now." in found(anybody, "没有")
    assert "Nothing of such a firm is on the list now." in found(anybody, "%")


def test_a_person_is_not_searched_for(anybody: Client, firm: Company) -> None:
    person = make_employee("欧阳小明")
    make_account(employee=person)
    version = in_force(track=Track.PUBLICISED, publicise_days=5, subject=Subject.EMPLOYEE, payee=Payee.EMPLOYEE)
    right = make_entitlement(of=version, company=firm, employee=person)
    claim_entitlements(
        entitlement_ids=[right.pk], company=firm, commitment="yes", actor=make_user("owner"), now=timezone.now()
    )
    assert "欧***" in found(anybody, "清茶")
    assert "欧***" not in found(anybody, "欧阳")


def test_what_was_found_is_paged_and_narrowed(anybody: Client, firm: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publicity, "PAGE_SIZE", 1)
    first, second = shown(firm), shown(firm)
    text = found(anybody, "清茶")
    assert f"?before={second.pk}&amp;q=%E6%B8%85%E8%8C%B6" in text
    assert reverse("objection", args=[first.pk]) in found(anybody, "清茶", before=str(second.pk))
    assert reverse("objection", args=[first.pk]) in found(anybody, "清茶", policy=first.policy.code)


def test_a_script_is_stopped(anybody: Client, firm: Company) -> None:
    shown(firm)
    for _each in range(SEARCHES):
        assert anybody.get(reverse("publicity"), {"q": "清茶"}).status_code == 200
    answer = anybody.get(reverse("publicity"), {"q": "没有"})
    assert answer.status_code == 429
    assert "Wait a minute" in answer.content.decode()
    assert firm.name in answer.content.decode(), "the list itself is still shown"


def test_a_department_s_list_is_searched_for_firms(anybody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    today = timezone.localdate()
    window = {"opens_on": today, "closes_on": today + timedelta(days=30)}
    version = make_list_version(now=timezone.now(), **window, list_is_public=True)
    tea, salt = make_company("杭州清茶有限公司"), make_company("杭州食盐有限公司")
    make_published_list(version, list_row(tea, 5), list_row(salt, 7))
    address = reverse("white-list", args=[version.policy.code])
    for words in ("清茶", tea.credit_code.lower()):
        text = anybody.get(address, {"q": words}).content.decode()
        assert tea.name in text, words
        assert salt.name not in text, words
    assert "The list names no such firm." in anybody.get(address, {"q": "没有"}).content.decode()
    monkeypatch.setattr(white_lists, "PAGE_SIZE", 1)
    assert "&amp;q=%E6%9D%AD" in anybody.get(address, {"q": "杭"}).content.decode()
    chinese = Client(headers={"accept-language": "zh-CN"}).get(address).content.decode()
    assert ">名称<" in chinese


def test_but_not_for_persons(anybody: Client) -> None:
    today = timezone.localdate()
    window = {"opens_on": today, "closes_on": today + timedelta(days=30)}
    version = make_list_version(
        now=timezone.now(), **window, list_is_public=True, subject=Subject.EMPLOYEE, payee=Payee.EMPLOYEE
    )
    company, person = make_company(), make_employee("欧阳小明")
    make_published_list(version, list_person_row(company, person, 5))
    address = reverse("white-list", args=[version.policy.code])
    assert "欧***" in anybody.get(address).content.decode()
    for words in ("欧阳", "欧", company.credit_code):
        assert "欧***" not in anybody.get(address, {"q": words}).content.decode()


def gone(payout: Payout) -> None:
    """End the publicity of a payout."""
    end_publicity(limit=10, now=timezone.now() + timedelta(days=30))
    payout.refresh_from_db()
    assert payout.status != Status.PUBLICISED


@pytest.mark.parametrize("sent", [SAID, SAID | {"text": "短"}])
def test_what_is_written_while_the_payout_leaves_the_list_is_kept(
    anybody: Client, firm: Company, sent: dict[str, str]
) -> None:
    payout = shown(firm)
    gone(payout)
    address = reverse("objection", args=[payout.pk])
    assert anybody.get(address).status_code == 404
    answer = anybody.post(address, sent)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "This payout is not on the public list any more." in text
    assert sent["text"] in text
    assert not Objection.objects.exists()
    assert anybody.post(reverse("objection", args=[10**12]), SAID).status_code == 404


def test_an_objector_is_given_a_number(anybody: Client, firm: Company) -> None:
    answer = anybody.post(reverse("objection", args=[shown(firm).pk]), SAID, follow=True)
    assert f"Your objection no. {Objection.objects.get().pk} is recorded" in answer.content.decode()


def test_who_decided_can_answer_and_nobody_else_reads_the_contact(
    firm: Company, browser: Callable[..., Client]
) -> None:
    payout, now = shown(firm), timezone.now()
    objection = object_to(payout_id=payout.pk, **SAID, now=now)
    decider, colleague = browser("wang", role="officer"), browser("li", role="officer")
    page = reverse("admin:payouts_objection_change", args=[objection.pk])
    assert SAID["contact"] not in decider.get(page).content.decode()
    decided = decider.post(
        reverse("admin:payouts_objection_reject", args=[objection.pk]), {"because": "现场核实"}, follow=True
    ).content.decode()
    assert SAID["contact"] in decided
    assert SAID["contact"] not in colleague.get(page).content.decode()
    found_by_number = colleague.get(reverse("admin:payouts_objection_changelist"), {"q": str(objection.pk)})
    assert page in found_by_number.content.decode()
