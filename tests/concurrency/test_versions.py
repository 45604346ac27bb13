"""Two officers move a version at once: one succeeds, the others read why not; no writer publishes her own version."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from policies.authoring import publish
from policies.authoring.draft import write_clauses
from policies.authoring.lift import propose_lifting
from policies.authoring.parts import ClauseText
from policies.authoring.publish import activate_due
from policies.authoring.review import send_version_back, submit_version
from policies.authoring.suspend import suspend_version
from policies.models import PolicyVersion, VersionMove, VersionStatus
from policies.rules.content_hash import content_hash
from qinqing.proposals.decide import confirm
from qinqing.proposals.models import Proposal
from tests.concurrency.racing import together
from tests.factories.clock import NOW, TODAY
from tests.factories.people import make_officer
from tests.factories.policies import make_draft, make_published, make_submitted, publish_version

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(results: list[object]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def test_of_many_who_publish_one_version_at_once_one_does_and_never_its_writer() -> None:
    version = make_submitted("true")
    people = [
        make_officer("writer"),
        make_officer("writer"),
        *(make_officer(f"reviewer-{number}") for number in range(4)),
    ]
    results = together(
        [lambda actor=actor: publish.publish_version(version=version, actor=actor, now=NOW) for actor in people]
    )
    assert outcomes(results)["PolicyVersion"] == 1
    assert PolicyVersion.objects.get().published_by.username.startswith("reviewer-")
    assert VersionMove.objects.filter(after=VersionStatus.PUBLISHED).count() == 1


def test_a_draft_that_is_submitted_while_somebody_writes_keeps_one_of_the_two() -> None:
    version = make_draft("true")

    def write() -> None:
        write_clauses(version=version, clauses=[ClauseText("条件", "", "not(false)")])

    results = together([write, lambda: submit_version(version=version, actor=make_officer("writer"), now=NOW)])
    now = PolicyVersion.objects.get()
    assert now.status == VersionStatus.SUBMITTED
    # Whichever of the two came first, the seal covers the rules that the version has.
    assert now.content_hash == content_hash(version=now)
    assert outcomes(results) in (Counter(NoneType=1, PolicyVersion=1), Counter(NotADraft=1, PolicyVersion=1))


def test_sending_back_and_publishing_at_once_is_one_of_them() -> None:
    version = make_submitted("true")
    results = together(
        [
            lambda: publish.publish_version(version=version, actor=make_officer("a"), now=NOW),
            lambda: send_version_back(version=version, actor=make_officer("b"), because="a word", now=NOW),
        ]
    )
    assert outcomes(results) == Counter(PolicyVersion=1, NotSubmitted=1)


def test_several_beats_bring_a_version_into_force_once() -> None:
    old = make_published("true")
    day = TODAY + timedelta(days=1)
    publish_version(make_submitted("true", policy=old.policy, effective_on=day), replaces=old)
    results = together([lambda: activate_due(now=NOW + timedelta(days=1))] * 4)
    assert sorted(results) == [0, 0, 0, 1]


def test_a_version_is_suspended_once_and_lifted_once() -> None:
    version = make_published("true")
    results = together(
        [
            lambda name=name: suspend_version(version=version, actor=make_officer(name), reason="a doubt", now=NOW)
            for name in ("a", "b", "c")
        ]
    )
    assert outcomes(results) == Counter(Suspension=1, AlreadySuspended=2)
    people = [make_officer(name) for name in ("a", "b", "c")]
    results = together(
        [
            lambda actor=actor: propose_lifting(version=version, actor=actor, because="looked at", now=NOW)
            for actor in people
        ]
    )
    assert outcomes(results) == Counter(Proposal=1, AlreadyProposed=2)
    proposal = Proposal.objects.get()
    results = together([lambda actor=actor: confirm(proposal_id=proposal.pk, actor=actor, now=NOW) for actor in people])
    found = outcomes(results)
    # Whoever proposed it may come first and be told so, or last and find it decided.
    assert (found["Proposal"], found["AlreadyDecided"] + found["SamePerson"]) == (1, 2)
    assert VersionMove.objects.filter(before=VersionStatus.SUSPENDED).count() == 1
