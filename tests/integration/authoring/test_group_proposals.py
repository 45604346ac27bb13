"""The database lets only two officers change a stacking group that binds somebody, whoever writes."""

from __future__ import annotations

from typing import Any

import pytest

from policies.groups.regroup import group_terms, propose_group
from policies.models import StackingGroup, StackingMember
from policies.states import VersionStatus
from qinqing.proposals.decide import OutOfDate, confirm
from qinqing.proposals.models import Proposal
from tests.factories.clock import NOW
from tests.factories.people import make_user
from tests.factories.policies import make_draft, make_published, make_submitted
from tests.factories.rows import refusal_of
from tests.factories.stacking import change_group, make_group, make_group_proposal
from tests.superuser import as_superuser, unguarded

pytestmark = pytest.mark.django_db

GROUP, MEMBER = "stacking_group_takes_two_officers", "stacking_member_takes_two_officers"
RAW = {
    "UPDATE policies_stackinggroup SET cap_cny = 200 WHERE id = %(group)s": GROUP,
    "UPDATE policies_stackinggroup SET span = 'year' WHERE id = %(group)s": GROUP,
    "UPDATE policies_stackinggroup SET holder = 'person' WHERE id = %(group)s": GROUP,
    "UPDATE policies_stackinggroup SET rule = 'first_wins', cap_cny = NULL WHERE id = %(group)s": GROUP,
    "UPDATE policies_stackinggroup SET rule = 'higher_only', cap_cny = NULL, pays_difference = true": GROUP,
    "DELETE FROM policies_stackingmember WHERE group_id = %(group)s": MEMBER,
    "UPDATE policies_stackingmember SET policy_id = %(other)s WHERE group_id = %(group)s": MEMBER,
    "INSERT INTO policies_stackingmember (group_id, policy_id) VALUES (%(group)s, %(other)s)": MEMBER,
}


def capped(*versions: Any) -> StackingGroup:
    return make_group(*versions, rule="cap_together", cap_cny=100)


def raw(statement: str, opened: StackingGroup) -> str | None:
    return refusal_of(statement % {"group": opened.pk, "other": make_draft("true").policy_id})


@pytest.mark.parametrize("statement", RAW)
def test_one_alone_does_not_change_what_binds(statement: str) -> None:
    assert raw(statement, capped(make_published("true"), make_draft("true"))) == RAW[statement]


@pytest.mark.parametrize("statement", RAW)
def test_what_binds_nobody_is_written_freely(statement: str) -> None:
    opened = capped(make_draft("true"))
    StackingMember.objects.create(group=opened, policy=make_submitted("true").policy)
    if "SET policy_id" in statement:
        opened.members.first().delete()
    assert raw(statement, opened) is None


def test_nobody_takes_all_policies_out_of_their_groups() -> None:
    with as_superuser():
        assert refusal_of("TRUNCATE policies_stackingmember") == "stacking_members_are_not_emptied"


@pytest.mark.parametrize("status", [VersionStatus.SCHEDULED, VersionStatus.SUSPENDED, VersionStatus.CLOSED])
def test_what_was_ever_brought_into_force_binds(status: VersionStatus) -> None:
    version = make_published("true")
    opened = capped(version, make_draft("true"))
    with unguarded():
        closed_at = NOW if status == VersionStatus.CLOSED else None
        type(version).objects.filter(pk=version.pk).update(status=status, closed_at=closed_at)
    assert raw("UPDATE policies_stackinggroup SET cap_cny = 200", opened) == GROUP


def test_a_policy_in_force_enters_no_group_by_one_alone() -> None:
    empty, version = StackingGroup.objects.create(code="S", title_zh="组", rule="first_wins"), make_published("true")
    statement = "INSERT INTO policies_stackingmember (group_id, policy_id) VALUES (%s, %s)"
    assert refusal_of(statement, empty.pk, version.policy_id) == MEMBER


def raised(opened: StackingGroup) -> dict[str, Any]:
    opened.cap_cny = 200
    return group_terms(group=opened, policies=[member.policy for member in opened.members.all()])


def test_what_was_confirmed_is_done_and_nothing_else() -> None:
    opened, leaving, joining = (
        capped(make_published("true"), gone := make_published("true")),
        gone.policy_id,
        make_published("true"),
    )
    after = raised(opened)
    after["policies"] = sorted({*after["policies"], joining.policy_id} - {leaving})
    change_group(opened, after)
    opened.refresh_from_db()
    assert group_terms(group=opened, policies=[member.policy for member in opened.members.all()]) == after
    kept = Proposal.objects.latest("pk")
    assert (kept.before["cap_cny"], kept.after["cap_cny"]) == ("100.00", "200.00")


def decided(proposal: Proposal, by: str, decision: str = "confirmed") -> str | None:
    return refusal_of(
        "UPDATE proposals_proposal SET decision = %s, decided_at = now(), decided_by_id = %s WHERE id = %s",
        decision,
        make_user(by).pk,
        proposal.pk,
    )


def test_a_proposal_is_confirmed_by_another_and_once() -> None:
    opened = capped(make_published("true"))
    proposal = make_group_proposal(opened, raised(opened))
    assert decided(proposal, "proposer") == "proposal_is_confirmed_by_another"
    assert decided(proposal, "second") is None
    assert decided(proposal, "third", "turned_down") == "proposal_is_decided_once"
    assert StackingGroup.objects.get().cap_cny == 200


def test_a_proposal_is_taken_back_by_whoever_made_it() -> None:
    opened = capped(make_published("true"))
    assert decided(make_group_proposal(opened, raised(opened)), "proposer", "turned_down") is None
    assert StackingGroup.objects.get().cap_cny == 100


def test_what_is_proposed_is_not_rewritten() -> None:
    opened = capped(make_published("true"))
    proposal = make_group_proposal(opened, raised(opened))
    rewritten = "UPDATE proposals_proposal SET after = NULL WHERE id = %s"
    assert refusal_of(rewritten, proposal.pk) == "proposal_is_decided_once"


def test_what_a_proposal_found_is_written_by_the_database() -> None:
    opened = capped(make_published("true"))
    forged = make_group_proposal(opened, None)
    forged.refresh_from_db()
    assert forged.before == group_terms(group=opened, policies=[member.policy for member in opened.members.all()])


def test_a_proposal_is_entered_open_and_about_a_group() -> None:
    opened = capped(make_published("true"))
    columns = (
        "(kind, subject_id, subject_name, slot, document_number, excluded_ids, before, because, proposed_at,"
        " proposed_by_id, decision, decided_at, decided_by_id)"
    )
    given_values = "'stacking_group', %s, 'S', '', '', '{{}}', '{{}}', 'b', now(), %s, %s, %s, %s"
    for number, decision in ((opened.pk, "confirmed"), (0, "")):
        decider = make_user("b").pk if decision else None
        statement = f"INSERT INTO proposals_proposal {columns} VALUES ({given_values})".replace("{{}}", "{}")
        given = (number, make_user("a").pk, decision, NOW if decision else None, decider)
        assert refusal_of(statement, *given) == "proposal_is_entered_open"


def test_a_proposal_of_what_was_changed_since_is_not_carried_out() -> None:
    opened = StackingGroup.objects.create(code="S", title_zh="组", rule="first_wins")
    policies = [make_published("true").policy, make_published("true").policy]
    after = group_terms(group=opened, policies=policies)
    proposal = propose_group(group=opened, after=after, because="b", actor=make_user("a"), now=NOW)
    # The group has no policy yet, so one officer alone may change it.
    StackingGroup.objects.update(span="year")
    assert decided(proposal, "b") == "proposal_is_of_today"
    with pytest.raises(OutOfDate):
        confirm(proposal_id=proposal.pk, actor=make_user("b"), now=NOW)
    assert decided(proposal, "b", "turned_down") is None


def test_a_group_that_somebody_claimed_under_does_not_go() -> None:
    version = make_published("true")
    opened = capped(version)
    with unguarded():
        opened.seats.create(holder_key="company:1")
    assert decided(make_group_proposal(opened, None), "b") == "stacking_group_claimed_under_stays"
    assert opened.members.count() == 1
