"""Two officers change a group in force; entitlements that it excluded open again, decided by the facts of today."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from payouts.offers.queries import list_offers
from policies.groups.admin import stacking
from policies.groups.regroup import group_terms
from policies.models import Entitlement, MatchRun, Policy, PolicyVersion, StackingGroup
from qinqing.proposals.models import Proposal
from tests.factories.companies import act_for, make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.people import make_user
from tests.factories.policies import make_published, match_all
from tests.factories.stacking import change_group, click, entitlement_statuses, make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def shut_out() -> tuple[Entitlement, Entitlement]:
    """A claimed entitlement that fills the cap of a group, and one that the group therefore excludes."""
    now = timezone.now()
    make_all_deliveries(as_of_on=timezone.localdate(now))
    company = make_company()
    act_for(company, make_user("owner"))
    versions = [make_published("true", amount=amount, now=now) for amount in ("100", "50")]
    make_group(*versions, rule="cap_together", cap_cny=100)
    match_all(now=now)
    paid, other = (Entitlement.objects.get(version=version) for version in versions)
    click(paid, now=now)
    assert entitlement_statuses(paid, other) == ["claimed", "superseded"]
    return paid, other


def form_of(opened: StackingGroup, *, leaves: PolicyVersion | None = None, **changed: object) -> dict[str, object]:
    """The group's form with these changes; `leaves` is a version whose policy leaves the group."""
    columns = ("code", "title_zh", "title_en", "rule", "holder", "span", "cap_cny")
    form = {name: getattr(opened, name) or "" for name in columns} | changed
    members = list(opened.members.order_by("policy__code"))
    form |= {"members-TOTAL_FORMS": len(members), "members-INITIAL_FORMS": len(members)}
    for number, member in enumerate(members):
        form |= {f"members-{number}-{name}": getattr(member, f"{name}_id", None) for name in ("group", "policy")}
        form[f"members-{number}-id"] = member.pk
        if leaves is not None and member.policy_id == leaves.policy_id:
            form[f"members-{number}-DELETE"] = "on"
    return form


def saved(client: Client, *, leaves: PolicyVersion | None = None, **changed: object) -> str:
    """The page after the form was sent."""
    opened = StackingGroup.objects.get()
    address = reverse("admin:policies_stackinggroup_change", args=[opened.pk])
    answer = client.post(address, form_of(opened, leaves=leaves, **changed), follow=True)
    return answer.content.decode()


def press(client: Client, step: str) -> str:
    """The page after a step of the newest proposal was pressed."""
    address = reverse(f"admin:proposals_proposal_{step}", args=[Proposal.objects.latest("pk").pk])
    return client.post(address, follow=True).content.decode()


Browser = Callable[..., Client]
Two = tuple[Entitlement, Entitlement]


@pytest.fixture
def officers(browser: Browser) -> tuple[Client, Client]:
    return browser("officer", role="officer"), browser("colleague", role="officer")


def test_a_cap_that_is_raised_waits_for_a_colleague(officers: tuple[Client, Client], shut_out: Two) -> None:
    officer, colleague = officers
    paid, other = shut_out
    assert "a colleague has to confirm this proposal" in saved(officer, cap_cny=150, because="新的文件")
    match_all(now=timezone.now())
    assert (entitlement_statuses(paid, other), StackingGroup.objects.get().cap_cny) == (["claimed", "superseded"], 100)
    assert "Proposals of colleagues to decide" in colleague.get(reverse("admin:index")).content.decode()
    assert "Proposals of colleagues to decide" not in officer.get(reverse("admin:index")).content.decode()
    assert "is now as proposed" in press(colleague, "confirm")
    match_all(now=timezone.now())
    assert entitlement_statuses(paid, other) == ["claimed", "open"]
    assert list_offers(company=other.company, on=timezone.localdate()).amount_cny == 50


def test_a_policy_that_leaves(officers: tuple[Client, Client], shut_out: Two) -> None:
    officer, colleague = officers
    paid, other = shut_out
    opened, third = StackingGroup.objects.get(), make_published("true", now=timezone.now())
    members = Policy.objects.filter(Q(stacking__group=opened) | Q(pk=third.policy_id))
    change_group(opened, group_terms(group=opened, policies=members))
    saved(officer, leaves=other.version, because="新的文件")
    assert opened.members.count() == 3
    press(colleague, "confirm")
    assert opened.members.count() == 2
    match_all(now=timezone.now())
    assert entitlement_statuses(paid, other) == ["claimed", "open"]
    click(other, now=timezone.now())


def test_another_title_is_saved_at_once_and_decides_nothing(officers: tuple[Client, Client], shut_out: Two) -> None:
    saved(officers[0], title_zh="另一个名称")
    assert StackingGroup.objects.get().title_zh == "另一个名称"
    assert not Proposal.objects.filter(decision="").exists()
    assert not MatchRun.objects.filter(finished_at=None).exists()


def test_why_is_asked_before_anything_is_proposed(officers: tuple[Client, Client], shut_out: Two) -> None:
    assert "Say why" in saved(officers[0], cap_cny=150)
    assert not Proposal.objects.filter(decision="").exists()


def test_whoever_proposes_does_not_confirm_and_may_take_back(officers: tuple[Client, Client], shut_out: Two) -> None:
    officer, colleague = officers
    saved(officer, cap_cny=150, because="新的文件")
    page = officer.get(reverse("admin:policies_stackinggroup_change", args=[StackingGroup.objects.get().pk]))
    assert "¥150.00" in page.content.decode()
    assert "You proposed this yourself; somebody else has to confirm it." in press(officer, "confirm")
    assert StackingGroup.objects.get().cap_cny == 100
    assert "nothing changed" in press(officer, "take_back")
    assert "This was decided already; nothing was changed." in press(colleague, "confirm")
    assert StackingGroup.objects.get().cap_cny == 100


def test_while_one_change_waits_there_is_no_other(officers: tuple[Client, Client], shut_out: Two) -> None:
    officer, colleague = officers
    saved(officer, cap_cny=150, because="新的文件")
    assert "waits for a colleague already" in saved(colleague, cap_cny=160, because="更新的文件")
    assert "was turned down" in press(colleague, "turn_down")
    assert "a colleague has to confirm this proposal" in saved(colleague, cap_cny=160, because="更新的文件")


def test_who_only_looks_sees_what_waits_and_decides_nothing(
    browser: Browser, officers: tuple[Client, Client], shut_out: Two
) -> None:
    saved(officers[0], cap_cny=150, because="新的文件")
    auditor, proposal = browser("ma", role="auditor"), Proposal.objects.latest("pk")
    group = StackingGroup.objects.get()
    for name, row in (("policies_stackinggroup", group), ("proposals_proposal", proposal)):
        assert "¥150.00" in auditor.get(reverse(f"admin:{name}_change", args=[row.pk])).content.decode()
    confirm = reverse("admin:proposals_proposal_confirm", args=[proposal.pk])
    assert auditor.post(confirm).status_code == 403


def test_a_group_of_what_is_in_force_is_confirmed_before_it_counts(officers: tuple[Client, Client]) -> None:
    officer, colleague = officers
    policies = [make_published("true").policy, make_published("true").policy]
    counts = {"members-TOTAL_FORMS": 2, "members-INITIAL_FORMS": 0}
    form = {"code": "S-1", "title_zh": "就高", "rule": "higher_only", "holder": "company", "span": "ever"} | counts
    form |= {f"members-{number}-policy": policy.pk for number, policy in enumerate(policies)}
    add = reverse("admin:policies_stackinggroup_add")
    assert "Say why" in officer.post(add, form).content.decode()
    answer = officer.post(add, form | {"because": "新的文件"}, follow=True)
    assert "a colleague has to confirm this proposal" in answer.content.decode()
    assert StackingGroup.objects.get().members.count() == 0
    press(colleague, "confirm")
    assert StackingGroup.objects.get().members.count() == 2


def test_a_group_in_force_is_deleted_by_two(officers: tuple[Client, Client]) -> None:
    officer, colleague = officers
    opened = make_group(make_published("true"), make_published("true"))
    assert officer.post(reverse("admin:policies_stackinggroup_delete", args=[opened.pk])).status_code == 403
    dissolve = reverse("admin:policies_stackinggroup_dissolve", args=[opened.pk])
    assert "Say why" in officer.post(dissolve).content.decode()
    answer = officer.post(dissolve, {"because": "两项政策已并行"}, follow=True)
    assert "a colleague has to confirm this proposal" in answer.content.decode()
    assert opened.code in press(colleague, "confirm")
    assert not StackingGroup.objects.exists()
    kept = Proposal.objects.latest("pk")
    assert (kept.subject_name, kept.after, kept.decision) == (str(opened), None, "confirmed")
    assert "This was decided already" in press(colleague, "confirm")


def test_what_was_claimed_since_stays_in_its_group(officers: tuple[Client, Client]) -> None:
    officer, colleague = officers
    company, now = make_company(), timezone.now()
    make_all_deliveries(as_of_on=timezone.localdate(now))
    act_for(company, make_user("owner"))
    versions = [make_published("true", amount="100", now=now) for _number in range(3)]
    opened = make_group(*versions, rule="first_wins")
    match_all(now=now)
    saved(officer, leaves=versions[0], because="新的文件")
    click(Entitlement.objects.get(version=versions[0]), now=now)
    assert "was claimed under this group already" in press(colleague, "confirm")
    assert opened.members.count() == 3


def test_a_policy_that_comes_into_force_while_the_form_is_saved_is_told(
    officers: tuple[Client, Client], shut_out: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacking, "is_bound", lambda **_group: False)
    assert "has come into force meanwhile" in saved(officers[0], cap_cny="200")
    assert StackingGroup.objects.get().cap_cny == 100
