"""A version from its draft to its end: two officers, a day to come into force, a suspension, and the refusals."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from policies.authoring import publish
from policies.authoring.draft import note_writer, rewrite_version, write_clauses
from policies.authoring.lift import NotSuspended, propose_lifting
from policies.authoring.parts import ClauseText, ExampleText, NotADraft
from policies.authoring.publish import (
    AnotherInForce,
    AnotherScheduled,
    ChangedMeanwhile,
    NotInForce,
    SameOfficer,
    activate_due,
    close_version,
    match_version_again,
)
from policies.authoring.review import (
    ExampleFails,
    NoClauses,
    NoReason,
    NotSubmitted,
    NotYours,
    WindowOver,
    send_version_back,
    submit_version,
    take_version_back,
)
from policies.authoring.suspend import AlreadySuspended, suspend_version
from policies.authoring.transition import IllegalMove, move_version
from policies.deadlines.lapse import lapse_entitlements
from policies.models import (
    Entitlement,
    EntitlementStatus,
    MatchRun,
    NamedClause,
    PolicyVersion,
    SuspensionKind,
    VersionStatus,
)
from policies.rules.content_hash import content_hash
from policies.rules.rules import RuleRefused
from policies.rules.storage import library_used
from qinqing.proposals.decide import SamePerson, confirm
from qinqing.proposals.propose import AlreadyProposed
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.decisions import lift_by_two
from tests.factories.deliveries import make_all_deliveries
from tests.factories.people import make_officer
from tests.factories.policies import (
    entitlements_of,
    make_draft,
    make_published,
    make_submitted,
    match_all,
    publish_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

S = VersionStatus
DAY = dt.timedelta(days=1)


def standing(version: PolicyVersion) -> str:
    return PolicyVersion.objects.get(pk=version.pk).status


def test_submitting_seals_what_the_reviewer_reads() -> None:
    version = make_submitted('company.size = "small"', amount="tax[year = 2024].revenue")
    assert (version.status, version.submitted_by) == (S.SUBMITTED, make_officer("writer"))
    assert version.datasets == ["registration", "tax"]
    assert content_hash(version=PolicyVersion.objects.get()) == version.content_hash
    with pytest.raises(NotADraft, match="not a draft"):
        submit_version(version=version, actor=make_officer("writer"), now=NOW)
    with pytest.raises(NotADraft):
        rewrite_version(version=version, clauses=[], parameters=[], tables=[], examples=[], period_label="1")
    assert not MatchRun.objects.exists()


def test_a_draft_that_pays_everybody_or_nobody_is_not_submitted() -> None:
    writer = make_officer("writer")
    with pytest.raises(NoClauses, match="everybody"):
        submit_version(version=make_draft(), actor=writer, now=NOW)
    with pytest.raises(WindowOver, match="has passed"):
        submit_version(version=make_draft("true", closes_on=TODAY), actor=writer, now=NOW + DAY)


def test_a_draft_whose_rule_no_longer_checks_is_not_submitted() -> None:
    version = make_draft("true")
    version.clauses.update(feel="company.renamed = 1")
    with pytest.raises(RuleRefused):
        submit_version(version=version, actor=make_officer("writer"), now=NOW)
    assert standing(version) == S.DRAFT


SMALL = {"company": {"size": "small"}}


@pytest.mark.parametrize(
    ("facts", "verdict", "expected_cny", "sentence"),
    [
        (SMALL, "eligible", "100", ""),
        (SMALL, "eligible", None, ""),
        ({"company": {"size": "large"}}, "ineligible", None, ""),
        ({}, "unknown", None, ""),
        (SMALL, "ineligible", None, "Expected “not eligible”, but it is “eligible”"),
        ({}, "eligible", "100", "Expected “eligible”, but it is “unknown"),
        (SMALL, "eligible", "99.99", "Expected ¥99.99, but it comes to ¥100.00."),
        ({"company": {"siez": "small"}}, "eligible", None, "siez"),
    ],
)
def test_every_example_has_to_pass(facts: dict, verdict: str, expected_cny: str | None, sentence: str) -> None:
    amount = expected_cny and Decimal(expected_cny)
    examples = [
        ExampleText("sound", SMALL, "eligible", Decimal(100)),
        ExampleText("tried", facts, verdict, amount),
    ]
    version = make_draft('company.size = "small"', examples=examples)
    if not sentence:
        assert submit_version(version=version, actor=make_officer("writer"), now=NOW).status == S.SUBMITTED
        return
    with pytest.raises(ExampleFails) as refusal:
        submit_version(version=version, actor=make_officer("writer"), now=NOW)
    assert str(refusal.value).startswith("Example 2, “tried”: ")
    assert sentence in str(refusal.value)
    assert standing(version) == S.DRAFT


def test_named_clauses_are_kept_as_they_read_on_submission() -> None:
    for name, name_zh, feel in (
        ("not_dishonest", "非严重失信", "count(credit) = 0"),
        ("trustworthy", "诚信", "not_dishonest"),
        ("unused", "未用", "true"),
    ):
        NamedClause.objects.create(name=name, name_zh=name_zh, title_zh=name_zh, title_en=name, feel=feel)
    version = make_draft("true")
    version.clauses.update(feel='"trustworthy" != "" or 诚信 = true')
    found = library_used(version=version)
    assert [clause["name"] for clause in found] == ["not_dishonest", "trustworthy"]
    assert found[0]["feel"] == "count(credit) = 0"


def test_the_reviewer_sends_back_with_a_reason() -> None:
    version = make_submitted("true")
    with pytest.raises(NoReason, match="has to change"):
        send_version_back(version=version, actor=make_officer(), because=" ", now=NOW)
    version = send_version_back(version=version, actor=make_officer(), because="Name the year.", now=NOW)
    assert (version.status, version.content_hash, version.submitted_by) == (S.DRAFT, "", None)
    last = version.moves.latest("sequence")
    assert (last.before, last.after, last.moved_because) == (S.SUBMITTED, S.DRAFT, "Name the year.")
    with pytest.raises(NotSubmitted, match="not waiting"):
        send_version_back(version=version, actor=make_officer(), because="again", now=NOW)
    write_clauses(version=version, clauses=[ClauseText("条件", "", "false")])
    assert submit_version(version=version, actor=make_officer("writer"), now=NOW).status == S.SUBMITTED


def test_the_writer_takes_back_without_a_reason_and_nobody_else_does() -> None:
    version = make_submitted("true")
    with pytest.raises(NotYours, match="with a reason"):
        take_version_back(version=version, actor=make_officer(), now=NOW)
    version = take_version_back(version=version, actor=make_officer("writer"), now=NOW)
    assert (version.status, version.content_hash, version.submitted_by) == (S.DRAFT, "", None)
    with pytest.raises(NotSubmitted, match="not waiting"):
        take_version_back(version=version, actor=make_officer("writer"), now=NOW)


@pytest.mark.parametrize("part", ["drafted", "wrote", "submitted"])
def test_whoever_took_part_in_writing_does_not_publish(part: str) -> None:
    somebody = make_officer("somebody")
    version = make_draft("true", actor=somebody if part == "drafted" else make_officer("writer"))
    if part == "wrote":
        note_writer(version=version, actor=somebody)
    by = somebody if part == "submitted" else make_officer("writer")
    version = submit_version(version=version, actor=by, now=NOW)
    with pytest.raises(SameOfficer, match="somebody else"):
        publish.publish_version(version=version, actor=somebody, now=NOW)
    assert publish_version(version).published_by == make_officer()


def test_of_two_who_write_at_once_both_are_remembered() -> None:
    version = make_draft("true", actor=make_officer("first"))
    seen_before = PolicyVersion.objects.get(pk=version.pk)
    for copy, name in ((version, "second"), (seen_before, "third")):
        note_writer(version=copy, actor=make_officer(name))
    assert seen_before.writer_ids == [make_officer(name).pk for name in ("first", "second", "third")]
    submitted_by_all = submit_version(version=version, actor=make_officer("first"), now=NOW)
    for name in ("first", "second", "third"):
        with pytest.raises(SameOfficer):
            publish.publish_version(version=submitted_by_all, actor=make_officer(name), now=NOW)


def test_what_cannot_be_published_is_refused() -> None:
    for version in (make_draft("true"), make_published("true")):
        with pytest.raises(NotSubmitted, match="not waiting"):
            publish.publish_version(version=version, actor=make_officer(), now=NOW)
    over = make_submitted("true", closes_on=TODAY)
    with pytest.raises(WindowOver, match="has passed"):
        publish.publish_version(version=over, actor=make_officer(), now=NOW + DAY)
    with pytest.raises(IllegalMove, match="cannot become “published”"):
        move_version(version=make_draft("true"), after=S.PUBLISHED, actor=make_officer(), because="", now=NOW)


def test_the_reviewer_publishes_what_was_read_and_nothing_else() -> None:
    version = make_submitted("true")
    read = version.content_hash
    send_version_back(version=version, actor=make_officer("writer"), because="a word", now=NOW)
    write_clauses(version=version, clauses=[ClauseText("条件", "", "not(false)")])
    version = submit_version(version=version, actor=make_officer("writer"), now=NOW)
    with pytest.raises(ChangedMeanwhile, match="review it anew"):
        publish.publish_version(version=version, actor=make_officer(), now=NOW, reviewed_hash=read)
    publish.publish_version(version=version, actor=make_officer(), now=NOW, reviewed_hash=version.content_hash)


def test_the_version_in_force_is_replaced_only_by_name() -> None:
    old = make_published("true")
    new, other = make_submitted("true", policy=old.policy), make_published("true")
    for wrong in (None, other):
        with pytest.raises(AnotherInForce) as refusal:
            publish_version(new, replaces=wrong)
        assert refusal.value.version == old
    publish_version(new, replaces=old)
    old.refresh_from_db()
    assert (old.status, old.closed_at) == (S.CLOSED, NOW)
    assert str(new) in old.moved_because


def test_a_version_waits_for_its_day_and_then_replaces_its_predecessor() -> None:
    make_all_deliveries()
    make_company()
    old = make_published("true")
    match_all()
    new = publish_version(
        make_submitted("true", policy=old.policy, amount="250", effective_on=TODAY + DAY), replaces=old
    )
    assert (new.status, standing(old)) == (S.SCHEDULED, S.PUBLISHED)
    with pytest.raises(AnotherScheduled, match="waits for its day"):
        publish_version(make_submitted("true", policy=old.policy, effective_on=TODAY + DAY), replaces=old)
    assert activate_due(now=NOW) == 0
    assert activate_due(now=NOW + DAY) == 1
    assert activate_due(now=NOW + DAY) == 0
    assert (standing(new), standing(old)) == (S.PUBLISHED, S.CLOSED)
    match_all(now=NOW + DAY)
    assert [str(amount) for amount, _status in entitlements_of(new).values()] == ["250.00"]
    assert new.moves.latest("sequence").moved_by is None


def test_a_version_that_waits_for_its_day_can_be_called_off() -> None:
    version = publish_version(make_submitted("true", effective_on=TODAY + DAY))
    close_version(version=version, actor=make_officer(), now=NOW, because="not this year")
    assert activate_due(now=NOW + DAY) == 0
    assert version.moves.latest("sequence").moved_because == "not this year"


def test_a_version_is_closed_once_and_for_a_reason() -> None:
    version = make_published("true")
    with pytest.raises(NoReason, match="why it is closed"):
        close_version(version=version, actor=make_officer(), because=" ", now=NOW)
    close_version(version=version, actor=make_officer(), because="no money left", now=NOW)
    version.refresh_from_db()
    with pytest.raises(NotInForce, match="not in force"):
        close_version(version=version, actor=make_officer(), because="no money left", now=NOW)
    with pytest.raises(NotInForce, match="not in force"):
        match_version_again(version=version, now=NOW)
    for early in (make_draft("true"), make_submitted("true")):
        with pytest.raises(NotInForce):
            close_version(version=early, actor=make_officer(), because="no money left", now=NOW)


def test_a_suspended_version_is_in_force_and_goes_on_when_two_officers_let_it() -> None:
    version = make_published("true")
    match_all()
    stopper, other = make_officer("first"), make_officer("second")
    suspension = suspend_version(version=version, actor=stopper, reason="a wrong list", now=NOW)
    assert (standing(version), suspension.kind) == (S.SUSPENDED, SuspensionKind.OFFICER)
    with pytest.raises(AlreadySuspended):
        suspend_version(version=version, actor=stopper, reason="again", now=NOW)
    with pytest.raises(NoReason):
        propose_lifting(version=version, actor=other, because=" ", now=NOW)
    # Whoever stopped it proposes, and is not the only one.
    proposal = propose_lifting(version=version, actor=stopper, because="mended", now=NOW)
    with pytest.raises(AlreadyProposed):
        propose_lifting(version=version, actor=other, because="mended", now=NOW)
    with pytest.raises(SamePerson):
        confirm(proposal_id=proposal.pk, actor=stopper, now=NOW)
    assert standing(version) == S.SUSPENDED
    confirm(proposal_id=proposal.pk, actor=other, now=NOW)
    assert standing(version) == S.PUBLISHED
    assert MatchRun.objects.filter(version=version, finished_at=None).exists()
    with pytest.raises(NotSuspended):
        propose_lifting(version=version, actor=other, because="mended", now=NOW)


def test_whoever_stopped_it_confirms_what_another_proposed() -> None:
    version, stopper = make_published("true"), make_officer("first")
    suspension = suspend_version(version=version, actor=stopper, reason="a wrong list", now=NOW)
    proposal = propose_lifting(version=version, actor=make_officer("second"), because="mended", now=NOW)
    confirm(proposal_id=proposal.pk, actor=stopper, now=NOW)
    suspension.refresh_from_db()
    assert (standing(version), suspension.lifted_by) == (S.PUBLISHED, stopper)


def test_what_the_platform_stopped_takes_two_officers_as_well() -> None:
    version = make_published("true")
    suspend_version(version=version, kind=SuspensionKind.STALE, reason="old", now=NOW)
    proposal = propose_lifting(version=version, actor=make_officer("first"), because="fresh again", now=NOW)
    with pytest.raises(SamePerson):
        confirm(proposal_id=proposal.pk, actor=make_officer("first"), now=NOW)
    confirm(proposal_id=proposal.pk, actor=make_officer("second"), now=NOW)
    assert standing(version) == S.PUBLISHED


def test_only_what_is_in_force_is_suspended_and_for_a_reason() -> None:
    for version in (make_draft("true"), make_submitted("true")):
        with pytest.raises(NotInForce):
            suspend_version(version=version, actor=make_officer(), reason="a doubt", now=NOW)
    with pytest.raises(NoReason):
        suspend_version(version=make_published("true"), actor=make_officer(), reason="", now=NOW)


def test_a_version_closed_under_suspension_stays_stopped_until_it_is_lifted() -> None:
    version = make_published("true")
    suspend_version(version=version, kind=SuspensionKind.ACCOUNT, reason="one account, many firms", now=NOW)
    close_version(version=version, actor=make_officer(), because="no money left", now=NOW)
    assert version.suspensions.get().lifted_at is None
    lift_by_two(version)
    assert standing(version) == S.CLOSED


def test_nothing_lapses_while_nobody_could_claim_it() -> None:
    make_all_deliveries()
    make_company()
    version = make_published("true", closes_on=TODAY)
    match_all()
    suspend_version(version=version, actor=make_officer("first"), reason="a doubt", now=NOW)
    assert lapse_entitlements(now=NOW + 2 * DAY) == 0
    lift_by_two(version, now=NOW + 2 * DAY)
    assert lapse_entitlements(now=NOW + 2 * DAY) == 1
    assert Entitlement.objects.get().status == EntitlementStatus.LAPSED
