"""Payouts of publicised policies: the public sees them and objects, an officer decides, and only then the bank pays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import override

from payouts.claims.reserve import serve_waitlist
from payouts.exceptions.manual import cancel_payouts
from payouts.ledger.move import IllegalMove
from payouts.models import Objection, Payout, Publication
from payouts.publicity.publicise import (
    OBJECTIONS_PER_SENDER,
    OPEN_OBJECTIONS_PER_PAYOUT,
    NotPublicised,
    TooManyObjections,
    decide_objection,
    end_publicity,
)
from payouts.states import Role, Status
from policies.models import EntitlementStatus, PolicyVersion, Track
from qinqing.kernel.refusals import NoReason
from qinqing.proposals.decide import AlreadyDecided, SamePerson
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW, TODAY
from tests.factories.entitlements import make_entitlement, make_entitlements, make_version
from tests.factories.objections import object_to
from tests.factories.payouts import count_statuses, insert_payout, make_payout, status_of
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.factories.stacking import click, entitlement_statuses, make_group

pytestmark = pytest.mark.django_db

AFTER = NOW + timedelta(days=8)


def public_version(**fields: Any) -> PolicyVersion:
    return make_version(**({"track": Track.PUBLICISED, "publicise_days": 7} | fields))


def shown(**fields: Any) -> Payout:
    return make_payout(of=public_version(**fields))


def objected(payout: Payout, **fields: Any) -> Objection:
    # So many of one contact are taken and no more; each sender here has a contact of its own.
    contact = f"wang{fields.get('sender', '').replace('.', '')}@example.com"
    said = {"name": "王五", "contact": contact, "text": "这家企业没有开业。", "now": NOW}
    return object_to(payout_id=payout.pk, **(said | fields))


MOVE = (
    "UPDATE payouts_payout SET status = %s, sequence = sequence + 1, moved_as = 'system', moved_at = %s WHERE id = %s"
)


def test_a_claim_is_shown_before_it_is_paid() -> None:
    payout = shown()
    assert payout.status == Status.PUBLICISED
    assert (payout.publication.begins_on, payout.publication.ends_on) == (TODAY, date(2026, 3, 9))
    payout.fund.refresh_from_db()
    assert payout.fund.reserved_cny == 100


def test_working_days_are_counted_by_the_calendar() -> None:
    assert shown(publicise_days=5, counts_working_days=True).publication.ends_on == date(2026, 3, 9)
    assert shown(publicise_days=5).publication.ends_on == date(2026, 3, 7)


def test_a_set_goes_each_its_own_way() -> None:
    instant = make_entitlement()
    publicised = make_entitlement(of=public_version(), company=instant.company)
    claimed = claim_entitlements(
        entitlement_ids=[instant.pk, publicised.pk],
        company=instant.company,
        commitment="",
        actor=make_user("owner"),
        now=NOW,
    )
    assert count_statuses(claimed.payout_ids) == {"approved": 1, "publicised": 1}


def test_it_goes_on_when_the_last_day_is_over() -> None:
    payout = shown()
    assert end_publicity(limit=10, now=NOW + timedelta(days=7)) == 0
    assert end_publicity(limit=10, now=AFTER) == 1
    assert (status_of(payout), end_publicity(limit=10, now=AFTER)) == (Status.APPROVED, 0)


def test_who_waited_for_money_is_shown_when_it_comes() -> None:
    version = public_version(granted_cny=100)
    first, second = make_payout(of=version), make_payout(of=version)
    assert status_of(second) == Status.WAITLISTED
    cancel_payouts(payout_ids=[first.pk], role=Role.OFFICER, actor=make_user("officer"), because="a trial", now=NOW)
    assert serve_waitlist(limit=10, now=AFTER) == 1
    assert Publication.objects.get(payout=second).ends_on == date(2026, 3, 17)


def test_an_objection_stops_the_payout_until_it_is_decided() -> None:
    payout = shown()
    objection = objected(payout)
    assert end_publicity(limit=10, now=AFTER) == 0
    decide_objection(
        objection_id=objection.pk, is_upheld=False, decision="查无此事", actor=make_user("officer"), now=AFTER
    )
    assert end_publicity(limit=10, now=AFTER) == 1
    assert status_of(payout) == Status.APPROVED


def test_who_objects_after_the_last_day_is_told_so_and_stops_nothing() -> None:
    payout = shown()
    with override("en"), pytest.raises(NotPublicised, match="Objections were taken until March 9, 2026"):
        objected(payout, now=AFTER)
    assert end_publicity(limit=10, now=AFTER) == 1
    last_day = NOW + timedelta(days=7)
    assert objected(shown(), now=last_day).publication.ends_on == last_day.date()


def test_an_objection_that_is_upheld_cancels_for_good_and_frees_the_money() -> None:
    payout = shown()
    first, second = objected(payout), objected(payout)
    officer = make_user("officer")
    for objection in (first, second):
        decide_objection(objection_id=objection.pk, is_upheld=True, decision="未开业", actor=officer, now=NOW)
    payout.refresh_from_db()
    assert (payout.status, payout.moved_because, payout.moved_by) == (Status.CANCELLED, "未开业", officer)
    payout.fund.refresh_from_db()
    assert (payout.fund.reserved_cny, payout.fund.available_cny) == (0, 1_000_000)
    payout.entitlement.refresh_from_db()
    assert payout.entitlement.status == EntitlementStatus.CLAIMED


def test_what_was_objected_to_is_not_cancelled_before_it_is_decided() -> None:
    payout, officer = shown(), make_user("officer")
    objection, other = objected(payout), objected(payout)
    by_finance = {"role": Role.FINANCE, "actor": make_user("clerk"), "because": "a mistake", "now": NOW}
    with pytest.raises(IllegalMove):
        cancel_payouts(payout_ids=[payout.pk], **by_finance)
    statement = MOVE.replace("'system'", "'finance', moved_by_id = %s")
    broken = refusal_of(statement, Status.CANCELLED, officer.pk, NOW, payout.pk)
    assert broken == "payout_with_an_open_objection_is_not_cancelled"
    for each in (objection, other):
        decided = {"is_upheld": True, "decision": "属实", "actor": officer, "now": AFTER}
        decide_objection(objection_id=each.pk, **decided)
    payout.entitlement.refresh_from_db()
    assert (status_of(payout), payout.entitlement.status) == (Status.CANCELLED, EntitlementStatus.CLAIMED)


def test_what_was_objected_to_in_vain_can_be_cancelled() -> None:
    payout = shown()
    objection = objected(payout)
    decided = {"is_upheld": False, "decision": "查无此事", "actor": make_user("officer"), "now": NOW}
    decide_objection(objection_id=objection.pk, **decided)
    by_finance = {"role": Role.FINANCE, "actor": make_user("clerk"), "because": "a mistake", "now": NOW}
    assert cancel_payouts(payout_ids=[payout.pk], **by_finance) == [payout.pk]


def test_what_an_upheld_objection_stopped_excludes_nothing_any_more() -> None:
    version, other = public_version(), make_version()
    make_group(version, other, rule="first_wins")
    stopped = make_entitlement(of=version)
    free = make_entitlement(of=other, company=stopped.company)
    click(stopped)
    assert entitlement_statuses(stopped, free) == ["claimed", "superseded"]
    objection = objected(Payout.objects.get(entitlement=stopped))
    officer = make_user("officer")
    decide_objection(objection_id=objection.pk, is_upheld=True, decision="未开业", actor=officer, now=NOW)
    assert entitlement_statuses(stopped, free) == ["claimed", "open"]


def test_an_objection_is_decided_once_and_for_a_reason() -> None:
    objection = objected(shown())
    officer = make_user("officer")
    with pytest.raises(NoReason):
        decide_objection(objection_id=objection.pk, is_upheld=False, decision=" ", actor=officer, now=NOW)
    decide_objection(objection_id=objection.pk, is_upheld=False, decision="no", actor=officer, now=NOW)
    with pytest.raises(AlreadyDecided):
        decide_objection(objection_id=objection.pk, is_upheld=True, decision="yes", actor=officer, now=NOW)


def test_who_took_an_objection_down_does_not_decide_it() -> None:
    officer = make_user("officer")
    objection = objected(shown(), recorded_by=officer)
    with pytest.raises(SamePerson):
        decide_objection(objection_id=objection.pk, is_upheld=True, decision="yes", actor=officer, now=NOW)
    decide_objection(objection_id=objection.pk, is_upheld=True, decision="yes", actor=make_user("b"), now=NOW)


def test_only_what_is_shown_can_be_objected_to() -> None:
    instant, over = make_payout(), shown()
    end_publicity(limit=10, now=AFTER)
    for payout in (instant, over):
        with pytest.raises(NotPublicised):
            objected(payout)


def test_a_sender_and_a_payout_have_limits() -> None:
    payouts = [shown() for _each in range(OBJECTIONS_PER_SENDER + 1)]
    for payout in payouts[:-1]:
        objected(payout, sender="192.0.2.7")
    with pytest.raises(TooManyObjections):
        objected(payouts[-1], sender="192.0.2.7")
    objected(payouts[-1], sender="192.0.2.8")
    objected(payouts[-1], sender="192.0.2.7", now=NOW + timedelta(hours=2))
    for each in range(OPEN_OBJECTIONS_PER_PAYOUT - 2):
        objected(payouts[-1], sender=f"198.51.100.{each}")
    with pytest.raises(TooManyObjections):
        objected(payouts[-1], sender="203.0.113.1")
    objected(payouts[-1], recorded_by=make_user("officer"))


def test_the_contact_is_kept_for_the_answer_alone() -> None:
    objection = objected(shown(), sender="192.0.2.7", contact="wang@example.com")
    assert objection.contact_masked == "wan***********om"
    assert objection.contact == "wang@example.com"
    assert b"192.0.2.7" not in bytes(objection.sender_hash)


def test_the_database_shows_before_it_approves() -> None:
    right = make_entitlement(of=public_version())
    claim_entitlements(
        entitlement_ids=[right.pk], company=right.company, commitment="", actor=make_user("owner"), now=NOW
    )
    payout = Payout.objects.get(entitlement=right)
    assert refusal_of(MOVE, "approved", NOW + timedelta(days=7), payout.pk) == (
        "payout_is_approved_after_its_publicity"
    )
    objected(payout)
    assert refusal_of(MOVE, "approved", AFTER, payout.pk) == "payout_waits_for_its_objections"


def test_the_database_keeps_the_list_and_what_was_said() -> None:
    payout = shown()
    objection = objected(payout)
    assert refusal_of("UPDATE payouts_publication SET ends_on = begins_on") == "publication_is_kept"
    assert refusal_of("DELETE FROM payouts_objection") == "objection_is_kept"
    assert refusal_of("DELETE FROM payouts_publication") == "publication_is_kept"
    assert refusal_of("UPDATE payouts_objection SET text = 'other'") == "objection_is_decided_once"
    statement = "UPDATE payouts_objection SET is_upheld = false WHERE id = %s"
    assert refusal_of(statement, objection.pk) == "objection_is_decided_by_somebody_for_a_reason"


def test_the_database_takes_no_objection_to_what_is_not_shown() -> None:
    payout = shown()
    end_publicity(limit=10, now=AFTER)
    statement = (
        "INSERT INTO payouts_objection (publication_id, name, contact_encrypted, contact_masked, text, raised_at,"
        " sender_hash, decision) VALUES (%s, '', '', '', '', now(), '', '')"
    )
    assert refusal_of(statement, payout.publication.pk) == "objection_is_against_a_publicised_payout"


RESERVE = "UPDATE payouts_payout SET status = 'reserved', sequence = sequence + 1, moved_as = 'system' WHERE id = %s"


def reserved(version: PolicyVersion) -> Payout:
    """A reserved payout, as it exists for a moment within a claim."""
    from payouts.ledger.funds import open_funds
    from payouts.models import Claim

    right = make_entitlement(of=version)
    open_funds(version_ids=[version.pk], now=NOW)
    signed = Claim.objects.create(company=right.company, claimed_at=NOW)
    payout = insert_payout(right, fund_id=version.fund.pk, claim=signed)
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, [payout.pk])
    return payout


SHOW = "INSERT INTO payouts_publication (payout_id, begins_on, ends_on) VALUES (%s, '2026-03-02', %s)"


def test_the_database_shows_for_all_the_days_of_the_policy() -> None:
    payout = reserved(public_version())
    assert refusal_of(MOVE, "approved", AFTER, payout.pk) == "payout_is_publicised_first"
    assert refusal_of(MOVE, "publicised", NOW, payout.pk) == "payout_is_on_the_public_list"
    assert refusal_of(SHOW, payout.pk, "2026-03-08") == "publication_lasts_long_enough"
    instant = reserved(make_version())
    assert refusal_of(SHOW, instant.pk, "2026-03-20") == "publication_lasts_long_enough"
    with connection.cursor() as cursor:
        cursor.execute(SHOW, [payout.pk, "2026-03-09"])


def test_a_large_set_is_shown_and_let_go_by_a_handful_of_statements(django_assert_max_num_queries: Any) -> None:
    version = public_version(granted_cny=1_000_000)
    rights = make_entitlements(2_000, of=version)
    with django_assert_max_num_queries(22):
        claimed = claim_entitlements(entitlement_ids=rights, company=None, commitment="", actor=None, now=NOW)
    assert count_statuses(claimed.payout_ids) == {"publicised": 2_000}
    with django_assert_max_num_queries(6):
        assert end_publicity(limit=5_000, now=AFTER) == 2_000
