"""Fraud, a fine and a ban take two people, each by itself, and nobody is judged unheard."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import override_settings

from companies.models import User
from companies.people.permissions import MayNotAct
from payouts.claims.refusals import Blacklisted
from payouts.models import Blacklisting, Fine, FraudFinding, HearingAnswer, HearingNotice, Recovery
from payouts.recovery.hearing import NotAnswerable, answer_notice, tell_of_notices
from payouts.recovery.kinds import list_hearing
from payouts.recovery.penalties import (
    NoDocument,
    NotFraud,
    NotHeard,
    NotWithinTheLaw,
    propose_ban,
    propose_fine,
    propose_fraud,
    propose_lifting,
)
from payouts.recovery.queries import owed_cny
from payouts.recovery.recover import NotEnded, appeal_against, decide_appeal, end_recovery
from qinqing.kernel.refusals import NoReason
from qinqing.proposals.decide import AlreadyDecided, OutOfDate, SamePerson, confirm, turn_down
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import AlreadyProposed, Concerned
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import act_for
from tests.factories.entitlements import make_entitlement
from tests.factories.penalties import (
    DOCUMENT,
    HEARD,
    find_fraud,
    judge,
    lift_ban,
    make_ban,
    make_fine,
    make_fraud,
    punish,
)
from tests.factories.people import make_user
from tests.factories.rows import insert, refusal_of
from tests.integration.recovery.test_recovering import demanded, repay
from tests.superuser import unguarded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

# Five working days after the second of March are over on the ninth, in the time of the city.
LAST_MOMENT = NOW.replace(day=9, hour=15, minute=59)
AFTERWARDS = LAST_MOMENT + timedelta(minutes=1)


@pytest.fixture
def recovery() -> Recovery:
    return demanded(is_fraud=False)


def owner_of(recovery: Recovery, name: str = "owner", **fields: str) -> User:
    return act_for(recovery.payout.company, make_user(name), **fields)


def answered(proposal: Proposal, text: str = "我们没有虚报。", **fields: Any) -> HearingAnswer:
    notice = HearingNotice.objects.get(proposal=proposal)
    given = {"is_waiver": False, "actor": owner_of(notice.recovery), "now": NOW}
    return answer_notice(notice=notice, text=text, **(given | fields))


MAKE = {"fraud": make_fraud, "fine": make_fine, "ban": make_ban}


def proposed(kind: str, recovery: Recovery, **fields: Any) -> Proposal:
    """A proposal of each kind; where it needs fraud, fraud was found before."""
    if kind != "fraud":
        find_fraud(recovery, now=NOW)
    return MAKE[kind](recovery, **fields)


CONFIRMED = "UPDATE proposals_proposal SET decision = 'confirmed', decided_at = %s, decided_by_id = %s WHERE id = %s"


@pytest.mark.parametrize("kind", MAKE)
def test_raw_sql_confirms_nothing_while_the_firm_may_answer(kind: str, recovery: Recovery) -> None:
    proposal, officer = proposed(kind, recovery), make_user("magistrate").pk
    for moment in (NOW, LAST_MOMENT):
        assert refusal_of(CONFIRMED, moment, officer, proposal.pk) == "firm_is_heard_before_the_decision"
    assert refusal_of(CONFIRMED, AFTERWARDS, officer, proposal.pk) is None


@pytest.mark.parametrize("kind", MAKE)
def test_raw_sql_confirms_nothing_without_a_notice(kind: str, recovery: Recovery) -> None:
    proposal = proposed(kind, recovery)
    with unguarded():
        HearingNotice.objects.filter(proposal=proposal).delete()
    refused = refusal_of(CONFIRMED, NOW + HEARD, make_user("magistrate").pk, proposal.pk)
    assert refused == "firm_is_heard_before_the_decision"


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("fields", [{}, {"text": "", "is_waiver": True}], ids=["answers", "waives"])
def test_it_is_confirmed_once_the_firm_has_answered_or_waived(
    kind: str, fields: dict[str, Any], recovery: Recovery
) -> None:
    proposal = proposed(kind, recovery)
    with pytest.raises(NotHeard, match="may still answer"):
        judge(proposal)
    answered(proposal, **fields, now=NOW + timedelta(hours=1))
    officer = make_user("magistrate").pk
    assert refusal_of(CONFIRMED, NOW, officer, proposal.pk) == "firm_is_heard_before_the_decision"
    judge(proposal, now=NOW + timedelta(hours=1))
    proposal.refresh_from_db()
    assert proposal.decision == "confirmed"


@pytest.mark.parametrize("kind", MAKE)
def test_each_has_a_reason_and_a_document_of_its_own(kind: str, recovery: Recovery) -> None:
    if kind != "fraud":
        find_fraud(recovery)
    given = {"recovery": recovery, "actor": make_user("prosecutor"), "now": NOW}
    propose, more = {
        "fraud": (propose_fraud, {}),
        "fine": (propose_fine, {"percentage": 20}),
        "ban": (propose_ban, {"begins_on": TODAY, "ends_on": date(2027, 3, 2)}),
    }[kind]
    with pytest.raises(NoReason):
        propose(**given, **more, because=" ", document_number=DOCUMENT)
    with pytest.raises(NoDocument):
        propose(**given, **more, because="虚报", document_number=" ")
    assert entered(kind, recovery.pk, AFTER[kind], document="") == "finding_names_its_document"
    assert entered(kind, recovery.pk, AFTER[kind]) is None


AFTER: dict[str, dict[str, Any]] = {
    "fraud": {"is_fraud": True},
    "fine": {"percentage": 20, "fine_cny": "20.00"},
    "ban": {"begins_on": "2026-03-02", "ends_on": "2029-03-02"},
}


def entered(kind: str, subject: int, after: dict[str, Any], *, document: str = DOCUMENT) -> str | None:
    """The promise by which a proposal that somebody writes by SQL is refused."""
    return refusal_of(
        "INSERT INTO proposals_proposal (kind, subject_id, subject_name, slot, before, after, because,"
        " document_number, excluded_ids, proposed_at, proposed_by_id, decision)"
        " VALUES (%s, %s, 'S', '', '{}', %s, 'b', %s, '{}', %s, %s, '')",
        *(kind, subject, json.dumps(after), document, NOW, make_user("prosecutor").pk),
    )


@pytest.mark.parametrize("kind", MAKE)
def test_a_fine_and_a_ban_need_fraud_and_fraud_needs_a_demand(kind: str, recovery: Recovery) -> None:
    promise = {
        "fraud": "fraud_is_found_once_of_a_demand_that_stands",
        "fine": "fine_is_for_fraud_that_stands",
        "ban": "ban_is_for_fraud_that_stands",
    }[kind]
    if kind != "fraud":
        assert entered(kind, recovery.pk, AFTER[kind]) == promise
        with pytest.raises(NotFraud, match="fraud"):
            MAKE[kind](recovery)
    punish(recovery)
    # Each is found once.
    assert entered(kind, recovery.pk, AFTER[kind]) == promise
    with pytest.raises(NotFraud):
        MAKE[kind](recovery)


@pytest.mark.parametrize("kind", MAKE)
def test_what_an_appeal_overturned_cannot_be_confirmed_any_more(kind: str, recovery: Recovery) -> None:
    proposal = proposed(kind, recovery)
    appeal = appeal_against(recovery=recovery, text="我们没有停业", actor=owner_of(recovery), now=NOW)
    decision = {"is_upheld": True, "decision": "申诉属实", "actor": make_user("officer"), "now": NOW}
    decide_appeal(appeal_id=appeal.pk, **decision)
    with pytest.raises(NotFraud):
        judge(proposal, now=AFTERWARDS)
    turn_down(proposal_id=proposal.pk, actor=make_user("magistrate"), now=AFTERWARDS)
    assert not Blacklisting.objects.exists()


@pytest.mark.parametrize(
    ("percentage", "fine_cny"), [(9, "9.00"), (51, "51.00"), (20, "20.01"), (20, "-20.00"), (0, "0.00")]
)
def test_a_fine_is_what_the_law_allows_and_its_percentage(percentage: int, fine_cny: str, recovery: Recovery) -> None:
    find_fraud(recovery)
    after = {"percentage": percentage, "fine_cny": fine_cny}
    assert entered("fine", recovery.pk, after) == "fine_is_10_to_50_percent"


def test_the_sentence_names_the_limits_of_a_fine(recovery: Recovery) -> None:
    find_fraud(recovery)
    for percentage in (9, 51):
        with pytest.raises(NotWithinTheLaw, match="10 to 50 percent"):
            make_fine(recovery, percentage)


@pytest.mark.parametrize(
    ("begins_on", "ends_on"),
    [
        ("2026-03-01", "2029-03-01"),
        ("2026-03-02", "2029-03-03"),
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02", None),
    ],
)
def test_a_ban_is_of_days_to_come_and_three_years_at_most(
    begins_on: str, ends_on: str | None, recovery: Recovery
) -> None:
    find_fraud(recovery)
    after = {"begins_on": begins_on, "ends_on": ends_on}
    assert entered("ban", recovery.pk, after) == "ban_is_of_days_to_come"
    assert entered("ban", recovery.pk, AFTER["ban"] | {"more": 1}) == "ban_is_of_days_to_come"


def test_a_fine_is_added_to_the_demand_and_due_fifteen_days_after_it_is_confirmed(recovery: Recovery) -> None:
    find_fraud(recovery)
    first, due_on = make_fine(recovery, 20), recovery.due_on
    later = NOW + timedelta(days=25)
    judge(first, now=later)
    recovery.refresh_from_db()
    assert (recovery.fine_percentage, recovery.fine_cny, owed_cny(recovery=recovery)) == (20, 20, 120)
    assert recovery.due_on == date(2026, 4, 11) > due_on
    fine = Fine.objects.get()
    assert (fine.recovery, fine.percentage, fine.amount_cny, fine.proposal) == (recovery, 20, 20, first)


def test_a_ban_holds_from_its_first_to_its_last_day(recovery: Recovery) -> None:
    find_fraud(recovery)
    proposal = make_ban(recovery, since=NOW + timedelta(days=8))
    firm, owner = recovery.payout.company, make_user("owner")
    claims = {"company": firm, "commitment": "", "actor": owner}
    claim_entitlements(entitlement_ids=[make_entitlement(company=firm).pk], **claims, now=NOW)
    judge(proposal, now=AFTERWARDS)
    listed = Blacklisting.objects.get()
    assert (listed.company, listed.begins_on, listed.ends_on) == (firm, date(2026, 3, 10), date(2029, 3, 10))
    assert (listed.proposal, listed.listed_by.username) == (proposal, "magistrate")
    with pytest.raises(Blacklisted, match="2029"):
        claim_entitlements(entitlement_ids=[make_entitlement(company=firm).pk], **claims, now=AFTERWARDS)


@pytest.mark.parametrize("kind", MAKE)
def test_who_proposed_does_not_confirm_and_who_found_the_breach_does_neither(kind: str, recovery: Recovery) -> None:
    if kind != "fraud":
        find_fraud(recovery)
    member = owner_of(recovery)
    for name in ("officer2", member.username):
        with pytest.raises(Concerned):
            MAKE[kind](recovery, proposer=name)
    proposal = MAKE[kind](recovery)
    with pytest.raises(SamePerson):
        judge(proposal, now=AFTERWARDS, by="prosecutor")
    for name in ("officer2", member.username):
        with pytest.raises(Concerned):
            judge(proposal, now=AFTERWARDS, by=name)
    one = refusal_of(CONFIRMED, AFTERWARDS, make_user("prosecutor").pk, proposal.pk)
    assert one == "proposal_is_confirmed_by_another"
    other = refusal_of(CONFIRMED, AFTERWARDS, make_user("officer2").pk, proposal.pk)
    assert other == "proposal_is_confirmed_by_somebody_not_concerned"
    with pytest.raises(AlreadyProposed):
        MAKE[kind](recovery)


def test_nothing_is_written_but_by_a_confirmed_proposal(recovery: Recovery) -> None:
    proposal, officer = make_fraud(recovery), make_user("magistrate").pk
    found = "INSERT INTO payouts_fraudfinding (recovery_id, proposal_id) VALUES (%s, %s)"
    assert refusal_of(found, recovery.pk, proposal.pk) == "fraud_finding_takes_two_people"
    fined = "INSERT INTO payouts_fine (recovery_id, percentage, amount_cny, proposal_id) VALUES (%s, 20, 20, %s)"
    assert refusal_of(fined, recovery.pk, proposal.pk) == "fine_takes_two_people"
    listed = (
        "INSERT INTO payouts_blacklisting (company_id, recovery_id, begins_on, ends_on, listed_by_id, lifted_because,"
        " proposal_id) VALUES (%s, %s, '2026-03-02', '2029-03-02', %s, '', %s)"
    )
    firm = recovery.payout.company_id
    assert refusal_of(listed, firm, recovery.pk, officer, proposal.pk) == "blacklisting_takes_two_people"
    for change in ("fine_percentage = 20, fine_cny = 20", "due_on = due_on + 1"):
        assert refusal_of(f"UPDATE payouts_recovery SET {change}") == "recovery_is_fined_by_two"
    judge(proposal, now=AFTERWARDS)
    # The transaction that confirmed the one carries out nothing else.
    assert refusal_of(fined, recovery.pk, proposal.pk) == "fine_takes_two_people"


def test_findings_notices_and_answers_are_kept_as_they_are(recovery: Recovery) -> None:
    punish(recovery)
    notice = HearingNotice.objects.filter(proposal__kind="fine").get()
    later = make_fraud(demanded(is_fraud=False))
    answered(later)
    for change, promise in (
        ("payouts_fraudfinding SET recovery_id = 0", "fraud_finding_is_kept"),
        ("payouts_fine SET percentage = 10", "fine_is_kept"),
        ("payouts_hearingnotice SET answer_until = '2026-01-01'", "hearing_notice_is_told_once"),
        ("payouts_hearinganswer SET text = '认罚'", "hearing_answer_is_kept"),
    ):
        assert refusal_of(f"UPDATE {change}") == promise
        assert refusal_of(f"DELETE FROM {change.partition(' ')[0]}") == promise.replace("told_once", "kept")
    assert refusal_of("UPDATE payouts_hearingnotice SET told_at = now() WHERE id = %s", notice.pk) is None
    assert (FraudFinding.objects.count(), Fine.objects.count()) == (1, 1)


def test_a_notice_is_of_its_proposal_and_lasts_long_enough(recovery: Recovery) -> None:
    proposal, other = make_fraud(recovery), demanded(is_fraud=False)
    with unguarded():
        HearingNotice.objects.all().delete()
    write = (
        "INSERT INTO payouts_hearingnotice (proposal_id, recovery_id, given_at, answer_until, told_at)"
        " VALUES (%s, %s, %s, %s, %s)"
    )
    sound = {"proposal": proposal.pk, "recovery": recovery.pk, "given": NOW, "until": date(2026, 3, 9), "told": None}

    def refused(**changed: Any) -> str | None:
        return refusal_of(write, *(sound | changed).values())

    earlier = NOW - HEARD
    for wrong in ({"recovery": other.pk}, {"given": earlier, "until": date(2026, 1, 20)}, {"told": NOW}):
        assert refused(**wrong) == "hearing_notice_is_of_its_proposal"
    assert refused(until=date(2026, 3, 6)) == "hearing_lasts_long_enough"
    assert refused() is None
    turn_down(proposal_id=proposal.pk, actor=make_user("magistrate"), now=NOW)
    with unguarded():
        HearingNotice.objects.all().delete()
    assert refused() == "hearing_notice_is_of_its_proposal"


def test_the_firm_answers_once_and_before_the_decision(recovery: Recovery) -> None:
    proposal = make_fraud(recovery)
    with pytest.raises(NoReason):
        answered(proposal, " ")
    answered(proposal)
    with pytest.raises(NotAnswerable, match="already"):
        answered(proposal, "再答一次")
    facts = {str(fact.label): fact.text for fact in list_hearing(proposal)}
    assert facts["the firm’s answer"] == "我们没有虚报。"
    assert "the firm has answered" in facts["notice to the firm"]
    judge(proposal)
    fine = make_fine(recovery)
    turn_down(proposal_id=fine.pk, actor=make_user("magistrate"), now=NOW)
    with pytest.raises(NotAnswerable, match="decided"):
        answered(fine)


def test_raw_sql_answers_for_nobody_else_and_not_too_early_or_late(recovery: Recovery) -> None:
    proposal = make_fraud(recovery)
    notice = HearingNotice.objects.get(proposal=proposal)
    write = (
        "INSERT INTO payouts_hearinganswer (notice_id, is_waiver, text, answered_at, answered_by_id)"
        " VALUES (%s, true, '', %s, %s)"
    )
    preparer = owner_of(recovery, "preparer", role="preparer")
    for person in (preparer, make_user("stranger"), make_user("magistrate")):
        assert refusal_of(write, notice.pk, NOW, person.pk) == "hearing_answer_is_by_an_acceptor"
    owner = owner_of(recovery)
    too_early = NOW - timedelta(seconds=1)
    assert refusal_of(write, notice.pk, too_early, owner.pk) == "hearing_answer_is_before_the_decision"
    judge(proposal, now=AFTERWARDS)
    assert refusal_of(write, notice.pk, AFTERWARDS, owner.pk) == "hearing_answer_is_before_the_decision"
    with pytest.raises(MayNotAct):
        answered(make_fine(recovery), actor=preparer)


def test_a_demand_is_not_closed_while_something_is_proposed_about_it(recovery: Recovery) -> None:
    proposal = make_fraud(recovery)
    repay(recovery, 100, "R1")
    with pytest.raises(NotEnded):
        end_recovery(recovery_id=recovery.pk, actor=make_user("checker"), now=NOW)
    ends = "UPDATE payouts_recovery SET ended_as = 'repaid', ended_at = now(), ended_by_id = %s"
    assert refusal_of(ends, make_user("checker").pk) == "recovery_ends_when_it_is_repaid"
    turn_down(proposal_id=proposal.pk, actor=make_user("magistrate"), now=NOW)
    end_recovery(recovery_id=recovery.pk, actor=make_user("checker"), now=NOW)
    # Fraud can still be found, and the firm be banned; a fine can be demanded no more.
    find_fraud(recovery)
    with pytest.raises(NotFraud):
        make_fine(recovery)
    judge(make_ban(recovery), now=AFTERWARDS)


def test_a_ban_ends_by_two_people_or_with_the_demand(recovery: Recovery) -> None:
    punish(recovery)
    listed, officer = Blacklisting.objects.get(), make_user("pardoner").pk
    lifted = "UPDATE payouts_blacklisting SET lifted_at = now(), lifted_by_id = %s, lifted_because = 'so'"
    assert refusal_of(lifted, officer) == "blacklisting_is_lifted_by_two"
    for name in ("prosecutor", "magistrate", owner_of(recovery).username):
        with pytest.raises(Concerned):
            propose_lifting(blacklisting=listed, because="判决", actor=make_user(name), now=NOW)
    waits = propose_lifting(blacklisting=listed, because="判决", actor=make_user("advocate"), now=NOW)
    with pytest.raises(SamePerson):
        confirm(proposal_id=waits.pk, actor=make_user("advocate"), now=NOW)
    judge(waits, by="pardoner")
    listed.refresh_from_db()
    assert (listed.lifted_by_id, listed.lifted_because) == (officer, "判决")
    with pytest.raises(AlreadyDecided):
        lift_ban(listed)
    assert entered("lift_ban", listed.pk, {"is_lifted": True}) == "ban_is_lifted_once"
    other = punish(demanded(is_fraud=False))
    appeal = appeal_against(recovery=other, text="我们没有停业", actor=owner_of(other, "its owner"), now=NOW)
    decision = {"is_upheld": True, "decision": "申诉属实", "now": NOW}
    for name in ("prosecutor", "magistrate"):
        with pytest.raises(SamePerson):
            decide_appeal(appeal_id=appeal.pk, **decision, actor=make_user(name))
    decide_appeal(appeal_id=appeal.pk, **decision, actor=make_user("officer"))
    assert Blacklisting.objects.get(recovery=other).lifted_because == "申诉属实"
    # The other firm's ban does not end with this appeal.
    assert refusal_of(lifted, officer) == "blacklisting_is_lifted_by_two"


def test_what_was_fined_meanwhile_is_not_fined_again(recovery: Recovery) -> None:
    find_fraud(recovery)
    first = make_fine(recovery, 10)
    second = insert(
        "proposals_proposal", kind="fine", subject_id=recovery.pk, slot="other", document_number=DOCUMENT,
        before=json.dumps(first.before), after=json.dumps(first.after), proposed_by_id=make_user("prosecutor").pk,
        proposed_at=NOW,
    )  # fmt: skip
    HearingNotice.objects.create(proposal_id=second, recovery=recovery, given_at=NOW, answer_until=date(2026, 3, 9))
    judge(first, now=AFTERWARDS)
    with pytest.raises(OutOfDate):
        confirm(proposal_id=second, actor=make_user("magistrate"), now=AFTERWARDS)
    recovery.refresh_from_db()
    assert recovery.fine_cny == 10


@pytest.mark.parametrize(("days", "until"), [(5, date(2026, 3, 9)), (10, date(2026, 3, 16))])
def test_the_setting_says_how_long_the_hearing_lasts(days: int, until: date, recovery: Recovery) -> None:
    with override_settings(HEARING_WORKING_DAYS=days):
        proposal = make_fraud(recovery)
    assert HearingNotice.objects.get(proposal=proposal).answer_until == until


def test_members_with_a_confirmed_address_are_told_by_mail_once(recovery: Recovery) -> None:
    for name, is_confirmed in (("confirmed", True), ("unconfirmed", False)):
        user = owner_of(recovery, name)
        EmailAddress.objects.create(user=user, email=f"{name}@example.org", verified=is_confirmed, primary=True)
    stranger = make_user("stranger")
    EmailAddress.objects.create(user=stranger, email="stranger@example.org", verified=True, primary=True)
    make_fraud(recovery, because="发票系伪造")
    assert tell_of_notices(limit=10, now=NOW) == 1
    assert tell_of_notices(limit=10, now=NOW) == 0
    (message,) = mail.outbox
    assert message.to == ["confirmed@example.org"]
    for told in ("发票系伪造", "¥100.00", "2026年3月9日", "March 9, 2026"):
        assert told in message.body
    assert HearingNotice.objects.get().told_at == NOW
