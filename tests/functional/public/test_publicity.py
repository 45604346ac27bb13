"""The public list, the form to object, and the officers who decide on objections."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from payouts.models import Objection, Payout
from payouts.publicity.publicise import OBJECTIONS_PER_SENDER, decide_objection
from payouts.states import Status
from policies.models import Payee, Subject, Track
from tests.factories.claims import claim_entitlements
from tests.factories.companies import make_account, make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.objections import confirm, object_to, read_code
from tests.factories.payouts import make_payout
from tests.factories.people import make_employee, make_user
from tests.functional.conftest import in_force

pytestmark = pytest.mark.django_db

SAID = {"name": "王五", "contact": "wang@example.com", "text": "这家企业三月起已经没有开业，门口贴着公告。"}


def shown(company: Company, **fields: object) -> Payout:
    version = in_force(track=Track.PUBLICISED, publicise_days=5)
    right = make_entitlement(of=version, company=company, **fields)
    claimed = claim_entitlements(
        entitlement_ids=[right.pk], company=company, commitment="yes", actor=make_user("owner"), now=timezone.now()
    )
    return Payout.objects.get(pk=claimed.payout_ids[0])


@pytest.fixture
def payout(firm: Company) -> Payout:
    return shown(firm)


@pytest.fixture
def anybody() -> Client:
    return Client(headers={"accept-language": "en"})


def test_the_list_is_public_and_names_firm_amount_and_day(anybody: Client, payout: Payout) -> None:
    text = anybody.get(reverse("publicity")).content.decode()
    assert payout.company.name in text
    assert "¥100.00" in text
    assert payout.company.credit_code not in text


def test_the_list_is_not_counted_again_for_every_reader(
    anybody: Client, firm: Company, django_assert_num_queries: Callable[..., AbstractContextManager[object]]
) -> None:
    first, second = shown(firm), shown(make_company())
    text = anybody.get(reverse("publicity")).content.decode()
    for payout in (first, second):
        assert f"?policy={payout.policy.code}" in text
    with django_assert_num_queries(1):
        anybody.get(reverse("publicity"))


def test_a_person_is_named_in_part(anybody: Client, firm: Company) -> None:
    version = in_force(track=Track.PUBLICISED, publicise_days=5, subject=Subject.EMPLOYEE, payee=Payee.EMPLOYEE)
    person = make_employee("欧阳小明")
    make_account(employee=person)
    right = make_entitlement(of=version, company=firm, employee=person)
    claim_entitlements(
        entitlement_ids=[right.pk], company=firm, commitment="yes", actor=make_user("owner"), now=timezone.now()
    )
    text = anybody.get(reverse("publicity")).content.decode()
    assert "欧***" in text
    assert "小明" not in text


def test_the_list_is_empty_kindly_and_narrowed_by_policy(anybody: Client, firm: Company) -> None:
    assert "Nothing is shown at the moment" in anybody.get(reverse("publicity")).content.decode()
    first, second = shown(firm), shown(make_company("第二家有限公司"))
    text = anybody.get(reverse("publicity"), {"policy": first.policy.code}).content.decode()
    assert firm.name in text
    assert second.company.name not in text
    assert anybody.get(reverse("publicity"), {"policy": "x' --", "before": "9" * 40}).status_code == 200


def test_anybody_objects_and_confirms_by_the_code_that_was_sent(anybody: Client, payout: Payout) -> None:
    address = reverse("objection", args=[payout.pk])
    assert anybody.get(address).status_code == 200
    assert anybody.post(address, SAID | {"text": "short"}).status_code == 422
    assert not Objection.objects.exists()
    answer = anybody.post(address, SAID, follow=True)
    objection = Objection.objects.get()
    assert f"Your objection no. {objection.pk} is recorded" in answer.content.decode()
    assert SAID["contact"] not in answer.content.decode()
    assert (objection.publication.payout, objection.recorded_by, objection.confirmed_at) == (payout, None, None)
    page = reverse("objection-contact", args=[objection.reference])
    wrong = anybody.post(page, {"code": "no"})
    assert (wrong.status_code, "4 times more" in wrong.content.decode()) == (422, True)
    right = anybody.post(page, {"code": read_code(objection)}, follow=True).content.decode()
    assert f"Your objection is confirmed; its number is {objection.pk}" in right
    objection.refresh_from_db()
    assert (objection.confirmed_at is not None, objection.triage) == (True, "")
    assert "is confirmed" in anybody.get(page).content.decode()
    assert anybody.get(reverse("objection-contact", args=[uuid4()])).status_code == 404


def test_an_officer_takes_it_up_or_sets_it_aside(
    browser: Callable[..., Client], anybody: Client, payout: Payout
) -> None:
    officer = browser("wang", role="officer")
    anybody.post(reverse("objection", args=[payout.pk]), SAID)
    objection = Objection.objects.get()
    # Nobody looks at it before the contact is confirmed.
    assert officer.post(decide("take_up", objection)).status_code == 302
    objection.refresh_from_db()
    assert objection.triage == ""
    confirm(objection, now=timezone.now())
    asked = officer.get(decide("set_aside", objection)).content.decode()
    assert SAID["text"] in asked
    early = officer.post(decide("uphold", objection), {"because": "x"}).content.decode()
    assert "takes an objection up before it is decided" in early
    assert officer.post(decide("set_aside", objection), {"because": "没有说明事实"}).status_code == 302
    objection.refresh_from_db()
    assert (objection.triage, objection.is_upheld) == ("set_aside", None)
    told = objection.messages.latest("pk").body
    assert "没有说明事实" in told
    again = officer.post(decide("take_up", objection), follow=True).content.decode()
    assert "taken this objection up or set it aside already" in again


def test_whoever_takes_it_up_is_told_that_another_decides_it(
    browser: Callable[..., Client], anybody: Client, payout: Payout
) -> None:
    officer, second = browser("wang", role="officer"), browser("li", role="officer")
    anybody.post(reverse("objection", args=[payout.pk]), SAID)
    objection = confirm(Objection.objects.get(), now=timezone.now())
    assert "until another officer has decided" in officer.get(decide("take_up", objection)).content.decode()
    officer.post(decide("take_up", objection))
    page = reverse("admin:payouts_objection_change", args=[objection.pk])
    assert decide("reject", objection) not in officer.get(page).content.decode()
    assert decide("reject", objection) in second.get(page).content.decode()
    refused = officer.post(decide("reject", objection), {"because": "x"}).content.decode()
    assert "You took this objection up; another officer has to decide it." in refused
    second.post(decide("reject", objection), {"because": "查无此事"})
    objection.refresh_from_db()
    assert objection.is_upheld is False


@pytest.mark.parametrize("role", ["finance", "auditor", "department"])
def test_nobody_else_looks_at_it(browser: Callable[..., Client], anybody: Client, payout: Payout, role: str) -> None:
    anybody.post(reverse("objection", args=[payout.pk]), SAID)
    objection = confirm(Objection.objects.get(), now=timezone.now())
    client = browser("somebody", role=role)
    for action in ("take_up", "set_aside"):
        assert client.post(decide(action, objection), {"because": "x"}).status_code == 403


@pytest.mark.parametrize(("language", "said"), [("en", "at least 10 characters"), ("zh-hans", "至少 10 个字")])
def test_what_is_too_short_is_told_without_a_programmers_words(language: str, said: str, payout: Payout) -> None:
    somebody = Client(headers={"accept-language": language})
    page = somebody.post(reverse("objection", args=[payout.pk]), SAID | {"text": "短"}).content.decode()
    assert said in page
    assert "变量" not in page


def test_what_is_sent_twice_is_taken_down_once(anybody: Client, payout: Payout) -> None:
    address = reverse("objection", args=[payout.pk])
    first, second = (anybody.post(address, SAID, follow=True).content.decode() for _click in range(2))
    number = f"Your objection no. {Objection.objects.get().pk} is recorded"
    assert number in first
    assert number in second
    assert anybody.post(address, SAID, REMOTE_ADDR="192.0.2.9").status_code == 302
    assert anybody.post(address, SAID | {"contact": "li@example.com"}).status_code == 302
    assert Objection.objects.count() == 3


def test_one_address_sends_so_many_and_no_more(anybody: Client, firm: Company) -> None:
    address = reverse("objection", args=[shown(firm).pk])
    for each in range(OBJECTIONS_PER_SENDER):
        assert anybody.post(address, SAID | {"name": f"王{each}"}).status_code == 302
    refused = anybody.post(address, SAID)
    assert (refused.status_code, "within an hour" in refused.content.decode()) == (422, True)
    assert anybody.post(address, SAID | {"contact": "li@example.com"}, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_in_production_the_proxy_says_who_it_is(anybody: Client, firm: Company) -> None:
    address = reverse("objection", args=[shown(firm).pk])
    with override_settings(IS_PRODUCTION=True):
        for each in range(OBJECTIONS_PER_SENDER):
            forwarded = f"203.0.113.{each}, 192.0.2.7"
            told = SAID | {"name": f"王{each}", "contact": f"wang{each}@example.com"}
            assert anybody.post(address, told, headers={"x-forwarded-for": forwarded}).status_code == 302
        assert anybody.post(address, SAID, headers={"x-forwarded-for": "192.0.2.7"}).status_code == 422
        assert anybody.post(address, SAID, headers={"x-forwarded-for": "192.0.2.8"}).status_code == 302


def test_what_is_not_shown_has_no_form(anybody: Client) -> None:
    for payout_id in (make_payout().pk, 10**12):
        assert anybody.get(reverse("objection", args=[payout_id])).status_code == 404


def test_the_owner_sees_how_long(owner: Client, payout: Payout) -> None:
    code = payout.company.credit_code
    progress = owner.get(reverse("claim-progress", args=[code, payout.claim_id])).content.decode()
    assert "Your claim is shown to the public" in progress
    assert "hx-trigger" not in progress
    history = owner.get(reverse("history", args=[code]), {"stage": "public"}).content.decode()
    assert "publicised" in history


def seen_by(client: Client, payout: Payout) -> tuple[str, ...]:
    """The texts of the firm's progress page, its history and the receipt."""
    code = payout.company.credit_code
    addresses = (
        reverse("claim-progress", args=[code, payout.claim_id]),
        reverse("history", args=[code]),
        reverse("receipt", args=[code, payout.pk]),
    )
    return tuple(client.get(address).content.decode() for address in addresses)


@pytest.mark.parametrize(
    ("is_upheld", "said"), [(True, "an objection was upheld"), (False, "an objection was rejected")]
)
def test_the_firm_is_told_of_an_objection_and_of_what_was_decided(
    owner: Client, payout: Payout, is_upheld: bool, said: str
) -> None:
    assert not [page for page in seen_by(owner, payout) if "objected" in page]
    objection = object_to(payout_id=payout.pk, **SAID, now=timezone.now())
    pages = seen_by(owner, payout)
    assert all("somebody objected; an officer decides" in page for page in pages)
    assert not [page for page in pages if SAID["name"] in page or SAID["text"] in page]
    assert "it waits until an officer has decided" in pages[0]
    decided = {"decision": "已经核实", "actor": make_user("officer"), "now": timezone.now()}
    decide_objection(objection_id=objection.pk, is_upheld=is_upheld, **decided)
    pages = seen_by(owner, payout)
    assert all(said in page for page in pages)
    assert not [page for page in pages if "somebody objected" in page.lower()]


def test_what_an_objection_keeps_on_the_list_names_no_past_day(anybody: Client, firm: Company) -> None:
    now = timezone.now()
    right = make_entitlement(of=in_force(track=Track.PUBLICISED, publicise_days=5), company=firm)
    asked = {"commitment": "yes", "actor": make_user("owner"), "now": now - timedelta(days=9)}
    claimed = claim_entitlements(entitlement_ids=[right.pk], company=firm, **asked)
    assert "until" in anybody.get(reverse("publicity")).content.decode()
    assert "stopped by an objection" not in anybody.get(reverse("publicity")).content.decode()
    object_to(payout_id=claimed.payout_ids[0], **SAID, now=now - timedelta(days=8))
    assert "stopped by an objection" in anybody.get(reverse("publicity")).content.decode()


def test_what_an_objection_stopped_is_not_called_open_to_the_firm(owner: Client, payout: Payout) -> None:
    objection = object_to(payout_id=payout.pk, **SAID, now=timezone.now())
    decided = {"decision": "已经核实", "actor": make_user("officer"), "now": timezone.now()}
    decide_objection(objection_id=objection.pk, is_upheld=True, **decided)
    page = owner.get(reverse("firm", args=[payout.company.credit_code])).content.decode()
    assert payout.policy.code not in page


def over(firm: Company) -> Payout:
    """A payout whose last day on the list is over, and which an objection keeps on the list."""
    right = make_entitlement(of=in_force(track=Track.PUBLICISED, publicise_days=5), company=firm)
    before = timezone.now() - timedelta(days=9)
    claimed = claim_entitlements(
        entitlement_ids=[right.pk], company=firm, commitment="yes", actor=make_user("owner"), now=before
    )
    object_to(payout_id=claimed.payout_ids[0], **SAID, now=before + timedelta(days=1))
    return Payout.objects.get(pk=claimed.payout_ids[0])


def test_nobody_is_asked_to_write_what_nobody_takes(anybody: Client, firm: Company) -> None:
    address = reverse("objection", args=[over(firm).pk])
    assert f'href="{address}"' not in anybody.get(reverse("publicity")).content.decode()
    page = anybody.get(address).content.decode()
    assert "Objections were taken until" in page
    assert "<textarea" not in page
    # The page keeps the text that somebody wrote before midnight and sent after it.
    late = anybody.post(address, SAID)
    assert late.status_code == 422
    assert SAID["text"] in late.content.decode()
    assert "Send the objection" not in late.content.decode()
    assert f'href="{reverse("objection", args=[shown(firm).pk])}"' in anybody.get(reverse("publicity")).content.decode()


def test_a_policy_that_has_left_the_list_does_not_make_it_empty(anybody: Client, firm: Company) -> None:
    shown(firm)
    text = anybody.get(reverse("publicity"), {"policy": "T-GONE"}).content.decode()
    assert "Nothing is shown at the moment" not in text
    assert "Nothing of this policy is on the list now." in text


def test_the_notice_and_the_offer_say_so_beforehand(owner: Client, firm: Company) -> None:
    version = in_force(track=Track.PUBLICISED, publicise_days=5, counts_working_days=True)
    make_entitlement(of=version, company=firm)
    assert (
        "after 5 working days on the public list"
        in owner.get(reverse("firm", args=[firm.credit_code])).content.decode()
    )


def decide(action: str, objection: Objection) -> str:
    return reverse(f"admin:payouts_objection_{action}", args=[objection.pk])


@pytest.mark.parametrize(("action", "after"), [("uphold", Status.CANCELLED), ("reject", Status.PUBLICISED)])
def test_an_officer_decides_with_a_reason(
    browser: Callable[..., Client], payout: Payout, action: str, after: Status
) -> None:
    objection = object_to(payout_id=payout.pk, **SAID, now=timezone.now())
    officer = browser("wang", role="officer")
    page = officer.get(reverse("admin:payouts_objection_change", args=[objection.pk])).content.decode()
    assert SAID["contact"] not in page
    asked = officer.get(decide(action, objection))
    assert SAID["contact"] in asked.content.decode()
    assert officer.post(decide(action, objection), {"because": ""}).status_code == 200
    assert officer.post(decide(action, objection), {"because": "现场核实"}).status_code == 302
    payout.refresh_from_db()
    assert payout.status == after
    again = officer.post(decide(action, objection), {"because": "again"}, follow=True).content.decode()
    assert "This objection was decided already." in again
    objection.refresh_from_db()
    assert objection.decision == "现场核实"


@pytest.mark.parametrize("role", ["finance", "auditor", "department"])
def test_nobody_else_decides_or_takes_down(browser: Callable[..., Client], payout: Payout, role: str) -> None:
    objection = object_to(payout_id=payout.pk, **SAID, now=timezone.now())
    client = browser("somebody", role=role)
    assert client.post(decide("uphold", objection), {"because": "x"}).status_code == 403
    address = reverse("admin:payouts_publication_take_down", args=[payout.publication.pk])
    assert client.post(address, SAID).status_code == 403


def test_who_takes_an_objection_down_is_not_offered_its_decision(
    browser: Callable[..., Client], payout: Payout
) -> None:
    officer, second = browser("wang", role="officer"), browser("li", role="officer")
    address = reverse("admin:payouts_publication_take_down", args=[payout.publication.pk])
    assert officer.get(address).status_code == 200
    assert officer.post(address, SAID).status_code == 302
    objection = Objection.objects.get()
    assert officer.post(decide("uphold", objection), {"because": "x"}).status_code == 403
    assert second.post(decide("reject", objection), {"because": "x"}).status_code == 302


@pytest.mark.parametrize("model", ["publication", "objection"])
@pytest.mark.parametrize(
    ("role", "status"), [("officer", 200), ("finance", 200), ("auditor", 200), ("department", 403)]
)
def test_who_sees_the_lists(browser: Callable[..., Client], payout: Payout, model: str, role: str, status: int) -> None:
    object_to(payout_id=payout.pk, **SAID, now=timezone.now())
    answer = browser("somebody", role=role).get(reverse(f"admin:payouts_{model}_changelist"))
    assert answer.status_code == status
