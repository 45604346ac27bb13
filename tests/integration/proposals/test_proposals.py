"""What one person proposes another confirms, whoever writes; the database carries it out."""

from __future__ import annotations

import pytest
from django.db import connection

from companies.models import User
from policies.groups.regroup import KIND, group_terms
from policies.models import StackingGroup
from qinqing.kernel.refusals import NoReason, NotFound
from qinqing.proposals.decide import AlreadyDecided, OutOfDate, SamePerson, confirm, turn_down
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import AlreadyProposed, propose
from qinqing.proposals.queries import find_waiting, list_changes
from tests.factories.clock import NOW
from tests.factories.people import give_roles, make_officer, make_user
from tests.factories.policies import make_published
from tests.factories.rows import refusal_of
from tests.factories.stacking import make_group, make_group_proposal

pytestmark = pytest.mark.django_db

_COLUMNS = "kind, subject_id, subject_name, slot, before, because, document_number, excluded_ids, proposed_at"


@pytest.fixture
def group() -> StackingGroup:
    return make_group(make_published("true"), make_published("true"), rule="cap_together", cap_cny=100)


def officer(name: str) -> User:
    return give_roles(make_officer(name), "officer")


def capped(group: StackingGroup, cap_cny: int) -> dict[str, object]:
    group.cap_cny = cap_cny
    return group_terms(group=group, policies=[member.policy for member in group.members.all()])


def proposed(group: StackingGroup, **changes: object) -> Proposal:
    given = {
        "kind": KIND,
        "subject_id": group.pk,
        "subject_name": str(group),
        "after": capped(group, 200),
        "because": "新的文件",
        "actor": officer("maker"),
        "now": NOW,
    }
    return propose(**given | changes)  # type: ignore[arg-type]


def entered(kind: str, subject_id: int, *, excluded: str = "{}", decided_in: str = "NULL") -> str | None:
    return refusal_of(
        f"INSERT INTO proposals_proposal ({_COLUMNS}, proposed_by_id, decision, decided_in)"
        f" VALUES (%s, %s, 'S', '', '{{}}', 'b', '', '{excluded}', now(), %s, '', {decided_in})",
        kind,
        subject_id,
        make_user("maker").pk,
    )


def test_the_other_person_sees_it_waiting_and_confirms_it(group: StackingGroup) -> None:
    proposal, other = proposed(group, document_number="杭政办〔2026〕1号"), officer("other")
    assert list(find_waiting(user=other)) == [proposal]
    assert not find_waiting(user=officer("maker"))
    assert [(each.before, each.after) for each in list_changes(proposal=proposal) if each.is_other] == [
        ("¥100.00", "¥200.00")
    ]
    confirm(proposal_id=proposal.pk, actor=other, now=NOW)
    assert StackingGroup.objects.get().cap_cny == 200
    assert not find_waiting(user=other)


def test_nobody_confirms_what_they_proposed(group: StackingGroup) -> None:
    proposal = proposed(group)
    with pytest.raises(SamePerson):
        confirm(proposal_id=proposal.pk, actor=officer("maker"), now=NOW)
    turn_down(proposal_id=proposal.pk, actor=officer("maker"), now=NOW)
    with pytest.raises(AlreadyDecided):
        confirm(proposal_id=proposal.pk, actor=officer("other"), now=NOW)
    assert StackingGroup.objects.get().cap_cny == 100


def test_a_proposal_gives_its_reason_and_has_a_subject(group: StackingGroup) -> None:
    with pytest.raises(NoReason):
        proposed(group, because=" ")
    with pytest.raises(NotFound):
        proposed(group, subject_id=0)
    proposed(group)
    with pytest.raises(AlreadyProposed):
        proposed(group, after=capped(group, 300))


def test_what_changed_since_is_not_overwritten(group: StackingGroup) -> None:
    first = proposed(group)
    second = make_group_proposal(group, capped(group, 300), slot="other")
    confirm(proposal_id=first.pk, actor=officer("other"), now=NOW)
    with pytest.raises(OutOfDate):
        confirm(proposal_id=second.pk, actor=officer("other"), now=NOW)
    assert StackingGroup.objects.get().cap_cny == 200


def test_what_is_confirmed_changes_our_table_and_no_temporary_one_of_its_name(group: StackingGroup) -> None:
    proposal, other = proposed(group), officer("other")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE policies_stackinggroup (LIKE public.policies_stackinggroup) ON COMMIT DROP")
        cursor.execute(
            "UPDATE proposals_proposal SET decision = 'confirmed', decided_at = now(), decided_by_id = %s"
            " WHERE id = %s",
            [other.pk, proposal.pk],
        )
        cursor.execute("SELECT cap_cny FROM public.policies_stackinggroup")
        assert cursor.fetchall() == [(200,)]


def test_the_database_knows_the_kinds_that_it_can_carry_out(group: StackingGroup) -> None:
    assert entered("unheard_of", group.pk) == "proposal_is_of_a_known_kind"
    assert entered("stacking_group; DROP TABLE x", group.pk) == "proposal_is_of_a_known_kind"
    assert entered(KIND, 0) == "proposal_is_entered_open"
    assert entered(KIND, group.pk, decided_in="1") == "proposal_is_entered_open"
    assert entered(KIND, group.pk) is None


def test_who_is_excluded_is_written_by_the_database(group: StackingGroup) -> None:
    assert entered(KIND, group.pk, excluded="{1,2}") is None
    assert Proposal.objects.latest("pk").excluded_ids == []


def test_a_forged_transaction_opens_no_door(group: StackingGroup) -> None:
    proposal = proposed(group)
    forged = (
        "UPDATE proposals_proposal SET decision = 'turned_down', decided_at = now(), decided_by_id = %s,"
        " decided_in = pg_current_xact_id()::text::bigint WHERE id = %s"
    )
    assert refusal_of(forged, make_user("other").pk, proposal.pk) is None
    changed = "UPDATE policies_stackinggroup SET cap_cny = 300 WHERE id = %s"
    assert refusal_of(changed, group.pk) == "stacking_group_takes_two_officers"


def test_after_a_confirmation_in_the_same_transaction_nothing_else_is_changed(group: StackingGroup) -> None:
    confirm(proposal_id=proposed(group).pk, actor=officer("other"), now=NOW)
    changed = "UPDATE policies_stackinggroup SET cap_cny = 300 WHERE id = %s"
    assert refusal_of(changed, group.pk) == "stacking_group_takes_two_officers"
