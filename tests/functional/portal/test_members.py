"""The members of a firm: invited by a link that works once, changed, removed; the last acceptor stays."""

from __future__ import annotations

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.memberships.invitations import OPEN_AT_ONCE, VALID_FOR, NoSuchInvitation, NotInvitable, accept, invite
from companies.memberships.members import MemberIsKept, NoSuchMember, change_role, remove_member
from companies.models import Company, FirmRole, Invitation, Membership, MembershipChange, User
from companies.people.permissions import MayNotAct
from tests.factories.clients import sign_in
from tests.factories.companies import act_for, make_company
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
LINK = re.compile(r"data-invitation>([^<]+)<")


@pytest.fixture
def firm() -> Company:
    return make_company("杭州清茶有限公司")


@pytest.fixture
def boss(firm: Company) -> User:
    return act_for(firm, make_user("boss", first_name="老板"))


def address(name: str, firm: Company, *more: int) -> str:
    return reverse(name, args=[firm.credit_code, *more])


def link(firm: Company, boss: User, **fields: object) -> str:
    sent = {"invited_name": "小周", "role": "preparer", "day_limit_cny": ""} | fields
    answer = sign_in(boss).post(address("members", firm), sent).content.decode()
    return LINK.findall(answer)[0].replace("http://testserver", "")


def token(firm: Company, boss: User, role: FirmRole = FirmRole.PREPARER) -> str:
    now = timezone.now()
    return invite(company=firm, invited_name="小周", role=role, day_limit_cny=None, actor=boss, now=now).token


def follow(client: Client, where: str) -> str:
    page = client.get(where)
    assert page.status_code == 200
    sent = {"token": where.partition("token=")[2]}
    return client.post(reverse("invitation"), sent, follow=True).content.decode()


def test_a_colleague_follows_the_link_and_acts_in_the_invited_role(firm: Company, boss: User) -> None:
    where = link(firm, boss, role="acceptor", day_limit_cny="5000")
    colleague = make_user("colleague", first_name="小周")
    assert "You act for this firm from now on" in follow(sign_in(colleague), where)
    member = Membership.objects.get(user=colleague)
    assert (member.role, member.day_limit_cny) == ("acceptor", 5000)
    page = sign_in(boss).get(address("members", firm)).content.decode()
    assert "小周 accepted an invitation" in page
    assert "claims up to ¥5,000.00 on one day" in page


def test_a_link_works_once(firm: Company, boss: User) -> None:
    where = link(firm, boss)
    follow(sign_in(make_user("first")), where)
    assert sign_in(make_user("second")).get(where).status_code == 404
    sent = {"token": where.partition("token=")[2]}
    assert sign_in(make_user("second")).post(reverse("invitation"), sent).status_code == 404
    assert Membership.objects.count() == 2


def test_a_stranger_signs_in_first_and_comes_back(firm: Company, boss: User) -> None:
    where = link(firm, boss)
    answer = Client().get(where)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("sign-in"))
    assert "token" in answer["Location"]


def test_the_database_keeps_no_token(firm: Company, boss: User) -> None:
    secret = token(firm, boss)
    assert secret not in str(Invitation.objects.values().get())


@pytest.mark.parametrize("spoiled", ["expired", "revoked", "inviter is a viewer", "inviter is gone"])
def test_a_link_that_is_spoiled_makes_nobody_a_member(spoiled: str, firm: Company, boss: User) -> None:
    act_for(firm, make_user("other acceptor"))
    secret, now = token(firm, boss), timezone.now()
    if spoiled == "expired":
        now += VALID_FOR
    elif spoiled == "revoked":
        sign_in(boss).post(address("revoke", firm, Invitation.objects.get().pk))
    elif spoiled == "inviter is a viewer":
        Membership.objects.filter(user=boss).update(role="viewer")
    else:
        Membership.objects.filter(user=boss).delete()
    with pytest.raises(NoSuchInvitation):
        accept(token=secret, user=make_user("colleague"), now=now)


def test_officials_and_members_accept_nothing(firm: Company, boss: User) -> None:
    where = link(firm, boss)
    sent = {"token": where.partition("token=")[2]}
    assert sign_in(make_user("official", is_staff=True)).post(reverse("invitation"), sent).status_code == 403
    with pytest.raises(NotInvitable):
        accept(token=sent["token"], user=boss, now=timezone.now())
    assert Invitation.objects.get().ended_as == ""


def test_a_firm_has_few_open_invitations(firm: Company, boss: User) -> None:
    for _time in range(OPEN_AT_ONCE):
        token(firm, boss)
    with pytest.raises(NotInvitable):
        token(firm, boss)


@pytest.mark.parametrize("role", ["preparer", "viewer"])
def test_only_an_acceptor_changes_who_acts_for_the_firm(role: str, firm: Company, boss: User) -> None:
    token(firm, boss)
    user = act_for(firm, make_user("nosy"), role=role)
    client, member = sign_in(user), Membership.objects.get(user=boss)
    posts = {
        address("members", firm): {"invited_name": "朋友", "role": "acceptor"},
        address("member", firm, Membership.objects.get(user=user).pk): {"role": "acceptor"},
        address("member", firm, member.pk): {"remove": "yes"},
        address("revoke", firm, Invitation.objects.get().pk): {},
    }
    for where, sent in posts.items():
        answer = client.post(where, sent)
        assert answer.status_code == 422
        assert "Only an acceptor of the firm invites people and changes roles" in answer.content.decode()
    assert sorted(Membership.objects.values_list("role", flat=True)) == sorted(["acceptor", role])
    assert Invitation.objects.filter(ended_as="").count() == 1


def test_nobody_reaches_the_members_of_another_firm(firm: Company, boss: User) -> None:
    other = make_company("别家")
    stranger = act_for(other, make_user("stranger"))
    member = Membership.objects.get(user=boss)
    with pytest.raises(NoSuchMember):
        remove_member(company=other, member_id=member.pk, actor=stranger, now=timezone.now())
    assert sign_in(stranger).post(address("member", other, member.pk), {"role": "viewer"}).status_code == 422
    assert sign_in(stranger).get(address("members", firm)).status_code == 404
    member.refresh_from_db()
    assert member.role == "acceptor"


def test_roles_are_changed_and_members_removed_and_all_see_it(firm: Company, boss: User) -> None:
    viewer = act_for(firm, make_user("viewer", first_name="小王"), role="viewer")
    member = Membership.objects.get(user=viewer)
    client = sign_in(boss)
    client.post(address("member", firm, member.pk), {"role": "acceptor", "day_limit_cny": "300"})
    member.refresh_from_db()
    assert (member.role, member.day_limit_cny) == ("acceptor", 300)
    client.post(address("member", firm, member.pk), {"role": "preparer", "day_limit_cny": "300"})
    member.refresh_from_db()
    assert (member.role, member.day_limit_cny) == ("preparer", None)
    assert "小王 got another role" in sign_in(viewer).get(address("members", firm)).content.decode()
    client.post(address("member", firm, member.pk), {"remove": "yes"})
    assert sign_in(viewer).get(address("members", firm)).status_code == 404
    kinds = list(MembershipChange.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["changed", "changed", "removed"]


def test_the_last_acceptor_stays(firm: Company, boss: User) -> None:
    answer = sign_in(boss).post(address("leave", firm))
    assert "Nobody else signs for the firm" in answer.content.decode()
    act_for(firm, make_user("second"))
    assert sign_in(boss).post(address("leave", firm)).status_code == 302
    assert not Membership.objects.filter(user=boss).exists()


def test_nobody_changes_the_own_role(firm: Company, boss: User) -> None:
    act_for(firm, make_user("second"))
    own = Membership.objects.get(user=boss)
    with pytest.raises(MemberIsKept):
        change_role(
            company=firm, member_id=own.pk, role=FirmRole.ACCEPTOR, day_limit_cny=None, actor=boss, now=timezone.now()
        )


@pytest.mark.django_db(transaction=True)
def test_two_acceptors_who_remove_each_other_leave_one() -> None:
    firm = make_company()
    both = [act_for(firm, make_user(name)) for name in ("one", "two")]
    members = [Membership.objects.get(user=user) for user in both]
    barrier, refused = Barrier(2), []

    def run(actor: User, member: Membership) -> None:
        barrier.wait()
        try:
            remove_member(company=firm, member_id=member.pk, actor=actor, now=timezone.now())
        except (MayNotAct, MemberIsKept, NoSuchMember) as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in zip(both, reversed(members), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Membership.objects.filter(company=firm).count() == 1


def test_an_invitation_that_lapsed_is_not_listed(firm: Company, boss: User) -> None:
    invite(
        company=firm,
        invited_name="过期的同事",
        role=FirmRole.VIEWER,
        day_limit_cny=None,
        actor=boss,
        now=timezone.now() - VALID_FOR - timedelta(hours=1),
    )
    page = sign_in(boss).get(address("members", firm)).content.decode()
    assert "Open invitations" not in page
