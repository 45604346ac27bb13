"""Two officers confirm a change of a stacking group at the same moment: the group changes once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from policies.groups.regroup import group_terms, propose_group
from policies.models import StackingGroup
from qinqing.proposals.decide import AlreadyDecided, confirm
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import AlreadyProposed
from tests.concurrency.racing import together
from tests.factories.clock import NOW
from tests.factories.people import make_user
from tests.factories.policies import make_published
from tests.factories.stacking import make_group, make_group_proposal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened() -> StackingGroup:
    return make_group(make_published("true"), make_published("true"), rule="cap_together", cap_cny=100)


def raised(opened: StackingGroup) -> dict[str, object]:
    opened.cap_cny = Decimal(200)
    return group_terms(group=opened, policies=[member.policy for member in opened.members.all()])


def test_of_two_who_confirm_one_is_told_that_it_was_decided(opened: StackingGroup) -> None:
    proposal, people = make_group_proposal(opened, raised(opened)), [make_user("second"), make_user("third")]
    outcomes = together(
        [
            lambda actor=actor: confirm(proposal_id=proposal.pk, actor=actor, now=NOW)  # type: ignore[misc]
            for actor in people
        ]
    )
    assert sorted(type(each).__name__ for each in outcomes) == [AlreadyDecided.__name__, Proposal.__name__]
    assert StackingGroup.objects.get().cap_cny == 200


def test_of_two_who_propose_one_waits(opened: StackingGroup) -> None:
    after, people = raised(opened), [make_user("second"), make_user("third")]
    outcomes = together(
        [
            lambda actor=actor: propose_group(  # type: ignore[misc]
                group=opened, after=after, because="b", actor=actor, now=NOW
            )
            for actor in people
        ]
    )
    assert sorted(type(each).__name__ for each in outcomes) == [AlreadyProposed.__name__, Proposal.__name__]
