"""What the database promises about the life of a version, tried with raw SQL."""

from __future__ import annotations

from datetime import date

import pytest

from policies.authoring.draft import note_writer
from policies.authoring.lift import propose_lifting
from policies.authoring.review import submit_version
from policies.authoring.suspend import suspend_version
from policies.models import MatchRun, PolicyVersion, Suspension, SuspensionKind, VersionMove, VersionStatus
from policies.states import MOVES, Move
from tests.factories.clock import NOW, TODAY
from tests.factories.decisions import lift_by_two
from tests.factories.people import make_officer
from tests.factories.policies import make_draft, make_policy, make_published, make_submitted, publish_version
from tests.integration.authoring.test_policy_promises import refused, run, update
from tests.superuser import as_superuser, unguarded

pytestmark = pytest.mark.django_db

S = VersionStatus
SIGNED = (S.SCHEDULED, S.PUBLISHED, S.SUSPENDED, S.CLOSED)


def stamps(status: VersionStatus) -> dict[str, object]:
    """The columns that a version in this status must have."""
    sealed = {"submitted_at": NOW, "submitted_by_id": make_officer("writer").pk, "content_hash": "0" * 64}
    given = {} if status == S.DRAFT else sealed
    if status in SIGNED:
        given |= {"published_at": NOW, "published_by_id": make_officer().pk}
    return given | ({"closed_at": NOW, "closed_by_id": make_officer().pk} if status == S.CLOSED else {})


def step(version: PolicyVersion, after: VersionStatus, **columns: object) -> None:
    """Move a version by raw SQL as completely as the operations do."""
    who = make_officer("lifter") if version.status == S.SUSPENDED else make_officer()
    moved = {"status": after.value, "moved_at": NOW, "moved_by_id": who.pk, "moved_because": "tried"}
    move = MOVES.get((VersionStatus(version.status), after), Move())
    changed = {name: value for name, value in stamps(after).items() if name in move.stamps}
    update("policyversion", version.pk, **({"sequence": version.sequence + 1} | moved | changed | columns))


def bring_to(version: PolicyVersion, status: VersionStatus) -> None:
    """Set a status without the guards, as only the owner of the database can."""
    nothing = {"submitted_at": None, "submitted_by_id": None, "content_hash": "", "published_at": None}
    nothing |= {"published_by_id": None, "closed_at": None, "closed_by_id": None}
    with unguarded():
        update("policyversion", version.pk, status=status.value, **(nothing | stamps(status)))
    version.refresh_from_db()


@pytest.mark.parametrize("before", S)
def test_a_version_moves_by_the_table_alone(before: VersionStatus) -> None:
    version = make_draft("true")
    for after in S:
        bring_to(version, before)
        if before == after:
            continue
        if (before, after) == (S.SUSPENDED, S.PUBLISHED):
            # Two officers lift its suspension; the version goes on with that.
            with refused("policy_version_goes_on_when_lifted"):
                step(version, after)
        elif (before, after) in MOVES:
            unsealed = {"submitted_at": None, "submitted_by_id": None, "content_hash": ""} if after == S.DRAFT else {}
            step(version, after, **unsealed)
            assert VersionMove.objects.latest("pk").after == after
        else:
            with refused("policy_version_moves_by_the_table"):
                step(version, after)


def test_every_move_is_counted_and_somebody_answers_for_it() -> None:
    version = make_submitted("true")
    with refused("policy_version_moves_by_the_table"):
        step(version, S.PUBLISHED, sequence=version.sequence)
    with refused("policy_version_is_moved_by_somebody"):
        step(version, S.PUBLISHED, moved_by_id=None)
    with refused("policy_version_moves_by_the_table"):
        update("policyversion", make_draft("true").pk, sequence=7)


@pytest.mark.parametrize(
    "columns",
    [
        {"amount_feel": "1000000"},
        {"granted_cny": 5},
        {"content_hash": "f" * 64},
        {"closes_on": TODAY},
        {"published_at": "2030-01-01"},
        {"moved_because": "something else"},
        {"frozen_clauses": "[1]"},
        {"writer_ids": "{}"},
    ],
)
def test_what_was_submitted_never_changes(columns: dict[str, object]) -> None:
    for version in (make_submitted("true"), make_published("true")):
        with refused("policy_version_is_final"):
            update("policyversion", version.pk, **columns)


@pytest.mark.parametrize("columns", [{"cap_cny": 7}, {"amount_feel": "7"}, {"writer_ids": "{}"}, {"content_hash": "1"}])
def test_a_move_changes_nothing_but_the_status(columns: dict[str, object]) -> None:
    with refused("policy_version_is_final"):
        step(make_published("true"), S.CLOSED, **columns)
    with refused("policy_version_is_final"):
        step(make_submitted("true"), S.PUBLISHED, **columns)


def test_a_version_starts_as_a_draft() -> None:
    with refused("policy_version_starts_as_draft"):
        PolicyVersion.objects.create(
            policy=make_policy(), number=1, amount_feel="1", opens_on=TODAY, granted_cny=1, status=S.PUBLISHED
        )


@pytest.mark.parametrize("columns", [{"content_hash": ""}, {"submitted_at": None}, {"submitted_by_id": None}])
def test_a_submitted_version_is_sealed(columns: dict[str, object]) -> None:
    with refused("policy_version_submitted_is_sealed"):
        step(make_draft("true"), S.SUBMITTED, **columns)


@pytest.mark.parametrize("columns", [{"published_at": None}, {"published_by_id": None}])
def test_a_published_version_is_signed(columns: dict[str, object]) -> None:
    with refused("policy_version_published_is_signed"):
        step(make_submitted("true"), S.PUBLISHED, **columns)


def test_publishing_takes_two_officers() -> None:
    version = make_draft("true", actor=make_officer("first"))
    note_writer(version=version, actor=make_officer("second"))
    version = submit_version(version=version, actor=make_officer("third"), now=NOW)
    for wrote in ("first", "second", "third"):
        for after in (S.PUBLISHED, S.SCHEDULED):
            with refused("policy_version_takes_two_officers"):
                step(version, after, published_by_id=make_officer(wrote).pk, moved_by_id=make_officer(wrote).pk)
            with refused("policy_version_is_signed_by_who_publishes"):
                step(version, after, moved_by_id=make_officer(wrote).pk)
    step(version, S.PUBLISHED)


@pytest.mark.parametrize("columns", [{"writer_ids": "{}"}, {"drafted_by_id": None}])
def test_a_draft_forgets_nobody_who_wrote_in_it(columns: dict[str, object]) -> None:
    version = make_draft("true", actor=make_officer("first"))
    note_writer(version=version, actor=make_officer("second"))
    with refused("policy_version_keeps_its_writers"):
        update("policyversion", version.pk, **columns)
    with refused("policy_version_keeps_its_writers"):
        update("policyversion", version.pk, drafted_by_id=make_officer("second").pk)
    with refused("policy_version_keeps_its_writers"):
        update("policyversion", version.pk, writer_ids=f"{{{make_officer('second').pk}}}")


@pytest.mark.parametrize("stopped_by", [None, "stopper"])
def test_a_suspended_version_goes_on_only_when_two_officers_have_lifted_it(stopped_by: str | None) -> None:
    version = make_published("true")
    kind = SuspensionKind.OFFICER if stopped_by else SuspensionKind.STALE
    actor = make_officer(stopped_by) if stopped_by else None
    suspension = suspend_version(version=version, actor=actor, kind=kind, reason="a doubt", now=NOW)
    version.refresh_from_db()
    for who in ("stopper", "lifter"):
        lifted = {"lifted_at": NOW, "lifted_by_id": make_officer(who).pk, "lifted_because": "all is well"}
        with refused("suspension_is_lifted_by_two"):
            update("suspension", suspension.pk, **lifted)
        with refused("policy_version_goes_on_when_lifted"):
            step(version, S.PUBLISHED, moved_by_id=make_officer(who).pk)
    lift_by_two(version, because="all is well")
    version.refresh_from_db()
    suspension.refresh_from_db()
    assert (version.status, version.moved_by, version.moved_because) == (
        S.PUBLISHED,
        make_officer("lifts"),
        "all is well",
    )
    assert (suspension.lifted_by, suspension.lifted_because) == (make_officer("lifts"), "all is well")


def test_what_was_lifted_before_lets_no_later_suspension_go_on() -> None:
    version = make_published("true")
    suspend_version(version=version, actor=make_officer("stopper"), reason="a doubt", now=NOW)
    lift_by_two(version)
    version.refresh_from_db()
    step(version, S.SUSPENDED, moved_by_id=make_officer("stopper").pk)
    version.refresh_from_db()
    with refused("policy_version_goes_on_when_lifted"):
        step(version, S.PUBLISHED)


def test_a_proposal_to_lift_is_decided_by_another_in_raw_statements_too() -> None:
    version = make_published("true")
    suspend_version(version=version, kind=SuspensionKind.STALE, reason="old", now=NOW)
    proposal = propose_lifting(version=version, because="fresh again", actor=make_officer("first"), now=NOW)
    confirmed = """
        UPDATE proposals_proposal SET decision = 'confirmed', decided_at = now(), decided_by_id = %s WHERE id = %s
    """
    with refused("proposal_is_confirmed_by_another"):
        run(confirmed, make_officer("first").pk, proposal.pk)
    run(confirmed, make_officer("second").pk, proposal.pk)
    version.refresh_from_db()
    assert (version.status, version.moved_by) == (S.PUBLISHED, make_officer("second"))


def test_a_suspension_is_written_by_who_stopped_the_version() -> None:
    columns = {"kind": "officer", "reason": "?", "suspended_at": NOW, "suspended_by": make_officer()}
    with refused("suspension_is_of_who_stopped_the_version"):
        Suspension.objects.create(version=make_published("true"), **columns)
    stopped = make_published("true")
    step(stopped, S.SUSPENDED, moved_by_id=make_officer("stopper").pk)
    with refused("suspension_is_of_who_stopped_the_version"):
        Suspension.objects.create(version=stopped, **columns)
    lifted = {"lifted_at": NOW, "lifted_by": make_officer("lifter"), "lifted_because": "at once"}
    with refused("suspension_is_of_who_stopped_the_version"):
        Suspension.objects.create(version=stopped, **(columns | lifted | {"suspended_by": make_officer("stopper")}))


def test_one_version_of_a_policy_is_in_force_and_one_waits_for_its_day() -> None:
    old = make_published("true")
    other = make_submitted("true", policy=old.policy)
    with refused("policy_version_one_in_force"):
        step(other, S.PUBLISHED)
    suspend_version(version=old, actor=make_officer(), reason="a doubt", now=NOW)
    with refused("policy_version_one_in_force"):
        step(other, S.PUBLISHED)
    step(other, S.SCHEDULED)
    with refused("policy_version_one_scheduled"):
        step(make_submitted("true", policy=old.policy), S.SCHEDULED)


def test_only_a_draft_that_was_never_submitted_is_deleted() -> None:
    fresh, in_force = make_draft("true"), make_published("true")
    run("DELETE FROM policies_clause WHERE version_id = %s", fresh.pk)
    run("DELETE FROM policies_policyversion WHERE id = %s", fresh.pk)
    MatchRun.objects.all().delete()
    for version in (in_force, make_submitted("true")):
        with refused("policy_version_is_final"):
            run("DELETE FROM policies_policyversion WHERE id = %s", version.pk)


def test_the_steps_are_written_by_the_moves_and_kept() -> None:
    version = publish_version(make_submitted("true"))
    assert [(row.before, row.after, row.moved_by) for row in version.moves.order_by("sequence")] == [
        ("draft", "submitted", make_officer("writer")),
        ("submitted", "published", make_officer()),
    ]
    with refused("version_move_is_written_by_its_version"):
        VersionMove.objects.create(version=version, sequence=9, before="draft", after="closed", moved_at=NOW)
    kept = version.moves.first()
    with refused("version_move_is_kept"):
        update("versionmove", kept.pk, moved_because="something else")
    with refused("version_move_is_kept"):
        run("DELETE FROM policies_versionmove WHERE id = %s", kept.pk)
    with as_superuser(), refused("version_move_is_kept"):
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("TRUNCATE policies_versionmove")


def test_a_suspension_is_lifted_once_and_kept() -> None:
    version = make_published("true")
    suspension = suspend_version(version=version, actor=make_officer(), reason="a doubt", now=NOW)
    with refused("suspension_is_lifted_once"):
        update("suspension", suspension.pk, reason="another")
    with refused("suspension_one_at_a_time"):
        Suspension.objects.create(version=version, kind="stale", reason="old", suspended_at=NOW)
    with refused("suspension_names_its_officer"):
        Suspension.objects.create(version=make_published("true"), kind="officer", reason="?", suspended_at=NOW)
    lift_by_two(version)
    with refused("suspension_is_lifted_once"):
        update("suspension", suspension.pk, lifted_at=date(2030, 1, 1))
    with refused("suspension_is_kept"):
        run("DELETE FROM policies_suspension WHERE id = %s", suspension.pk)
