"""The database tells a stricter circuit breaker from a looser one, and lets only two people loosen one."""

from __future__ import annotations

from typing import Any

import pytest

from companies.people.scope import OutOfScope
from policies.authoring.breaker_terms import propose_deletion, save_breaker, terms_of
from policies.authoring.suspensions import breakers
from policies.models import Breaker
from policies.models.breaker import USUAL_TERMS
from qinqing.kernel.refusals import NoReason
from qinqing.proposals.decide import OutOfDate, SamePerson, confirm, turn_down
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import AlreadyProposed
from tests.factories.clock import NOW
from tests.factories.people import give_rights, make_officer, make_user
from tests.factories.policies import make_breaker, make_policy
from tests.factories.rows import refusal_of
from tests.superuser import as_superuser

pytestmark = pytest.mark.django_db

LOOSENED = "breaker_is_loosened_by_two"
COLUMNS = ", ".join(USUAL_TERMS)
STRICTER = {"refused_count": 19, "refused_percent": 19, "payees_per_account": 4}
LOOSER = {
    "refused_count": 21,
    "refused_percent": 21,
    "payees_per_account": 6,
    "stops_when_stale": False,
    # A shorter window sees fewer refusals, and a longer one dilutes their share.
    "refused_minutes": 59,
}
BOTH_WAYS = [*LOOSER.items(), ("refused_minutes", 61)]


def add(policy_id: int | None, **terms: Any) -> str | None:
    given = USUAL_TERMS | terms
    statement = f"INSERT INTO policies_breaker (policy_id, {', '.join(given)}) VALUES (%s, %s, %s, %s, %s, %s)"
    return refusal_of(statement, policy_id, *given.values())


def save(breaker: Breaker, *, by: str = "first", because: str = "a large group", **terms: Any) -> Proposal | None:
    for name, value in terms.items():
        setattr(breaker, name, value)
    return save_breaker(breaker=breaker, because=because, actor=make_user(by), now=NOW)


@pytest.mark.parametrize(("column", "value"), BOTH_WAYS)
def test_nobody_loosens_a_breaker_alone_in_raw_statements_either(column: str, value: Any) -> None:
    breaker = Breaker.objects.create()
    statement = f"UPDATE policies_breaker SET {column} = %s WHERE id = %s"
    assert refusal_of(statement, value, breaker.pk) == LOOSENED


@pytest.mark.parametrize(("column", "value"), STRICTER.items())
def test_one_person_makes_a_breaker_stricter_at_once(column: str, value: Any) -> None:
    breaker = Breaker.objects.create()
    assert refusal_of(f"UPDATE policies_breaker SET {column} = %s WHERE id = %s", value, breaker.pk) is None


def test_one_person_switches_on_what_two_switched_off() -> None:
    breaker = make_breaker(stops_when_stale=False)
    assert refusal_of("UPDATE policies_breaker SET stops_when_stale = true WHERE id = %s", breaker.pk) is None


def test_a_breaker_is_not_deleted_or_moved_by_one() -> None:
    breaker = Breaker.objects.create()
    assert refusal_of("DELETE FROM policies_breaker WHERE id = %s", breaker.pk) == LOOSENED
    moved = "UPDATE policies_breaker SET policy_id = %s WHERE id = %s"
    assert refusal_of(moved, make_policy().pk, breaker.pk) == LOOSENED


def test_breakers_are_not_emptied_out() -> None:
    with as_superuser():
        assert refusal_of("TRUNCATE policies_breaker") == "breakers_are_not_emptied"


@pytest.mark.parametrize(("column", "value"), BOTH_WAYS)
def test_a_new_breaker_is_no_looser_than_what_watched_before(column: str, value: Any) -> None:
    # Nobody has set thresholds: the usual ones watch.
    assert add(None, **{column: value}) == LOOSENED
    assert add(make_policy().pk, **{column: value}) == LOOSENED
    make_breaker(**{column: value})
    assert add(make_policy().pk, **{column: value}) is None


def test_a_new_breaker_is_measured_by_the_one_for_all_policies() -> None:
    Breaker.objects.create(refused_count=3)
    assert add(make_policy().pk) == LOOSENED
    assert add(make_policy().pk, refused_count=3) is None
    assert add(make_policy().pk, refused_count=2) is None


def test_guards_hold_in_a_session_that_says_it_replicates() -> None:
    breaker = Breaker.objects.create()
    with as_superuser() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        assert refusal_of("UPDATE policies_breaker SET refused_count = 99 WHERE id = %s", breaker.pk) == LOOSENED
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_what_is_stricter_is_saved_and_what_is_looser_is_proposed() -> None:
    breaker = Breaker.objects.create()
    assert save(breaker, refused_count=10) is None
    proposal = save(breaker, payees_per_account=50)
    assert proposal is not None
    breaker.refresh_from_db()
    assert (breaker.refused_count, breaker.payees_per_account) == (10, 5)
    with pytest.raises(SamePerson):
        confirm(proposal_id=proposal.pk, actor=make_user("first"), now=NOW)
    confirm(proposal_id=proposal.pk, actor=make_user("second"), now=NOW)
    breaker.refresh_from_db()
    assert (breaker.refused_count, breaker.payees_per_account) == (10, 50)
    assert (proposal.before["payees_per_account"], proposal.after["payees_per_account"]) == (5, 50)


def test_a_change_with_both_is_proposed_whole_and_once_for_a_reason() -> None:
    breaker = Breaker.objects.create()
    with pytest.raises(NoReason):
        save(breaker, because=" ", refused_count=10, payees_per_account=50)
    proposal = save(breaker, refused_count=10, payees_per_account=50)
    assert proposal is not None
    breaker.refresh_from_db()
    assert terms_of(breaker) == USUAL_TERMS
    with pytest.raises(AlreadyProposed):
        save(breaker, payees_per_account=60)
    turn_down(proposal_id=proposal.pk, actor=make_user("second"), now=NOW)
    breaker.refresh_from_db()
    assert terms_of(breaker) == USUAL_TERMS


def test_what_was_made_stricter_meanwhile_is_proposed_anew() -> None:
    breaker = Breaker.objects.create()
    proposal = save(breaker, payees_per_account=50)
    assert proposal is not None
    breaker.refresh_from_db()
    assert save(breaker, refused_count=2) is None
    with pytest.raises(OutOfDate):
        confirm(proposal_id=proposal.pk, actor=make_user("second"), now=NOW)


def test_a_new_breaker_that_is_looser_begins_as_what_watches() -> None:
    Breaker.objects.create(refused_count=3)
    policy = make_policy()
    proposal = save(Breaker(policy=policy), refused_count=100)
    assert proposal is not None
    assert breakers(policy_ids=[policy.pk])[policy.pk].refused_count == 3
    confirm(proposal_id=proposal.pk, actor=make_user("second"), now=NOW)
    assert breakers(policy_ids=[policy.pk])[policy.pk].refused_count == 100


def test_two_delete_a_breaker() -> None:
    breaker = Breaker.objects.create(refused_count=3)
    proposal = propose_deletion(breaker=breaker, because="it is for all", actor=make_user("first"), now=NOW)
    assert Breaker.objects.exists()
    confirm(proposal_id=proposal.pk, actor=make_user("second"), now=NOW)
    assert not Breaker.objects.exists()


def test_the_breaker_of_all_policies_is_the_citys() -> None:
    official = give_rights(make_officer("of a district"), district="330106")
    asked: dict[str, Any] = {"because": "stricter", "actor": official, "now": NOW}
    with pytest.raises(OutOfScope):
        save_breaker(breaker=Breaker(refused_count=1), **asked)
    with pytest.raises(OutOfScope):
        save_breaker(breaker=Breaker(policy=make_policy(), refused_count=1), **asked)
