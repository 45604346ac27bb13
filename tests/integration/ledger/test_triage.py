"""An objection stops money only when its contact is confirmed and an officer has taken it up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import override_settings

from payouts.models import Message, Objection, Payout
from payouts.publicity import messages, publicise
from payouts.publicity.codes import MOST_WRONG_CODES
from payouts.publicity.publicise import NoAddress, NotTakenUp, decide_objection, end_publicity
from payouts.publicity.refusals import NotPublicised, TooManyObjections
from payouts.publicity.triage import CodeEnded, NotConfirmed, WrongCode, confirm_contact, set_aside, take_up
from qinqing.kernel.refusals import NoReason
from qinqing.proposals.decide import AlreadyDecided, SamePerson
from tests.factories.clock import NOW
from tests.factories.objections import ADDRESS, confirm, read_code
from tests.factories.payouts import status_of
from tests.factories.people import make_officer
from tests.factories.rows import refusal_of
from tests.integration.ledger.test_publicity import AFTER, MOVE, shown

pytestmark = pytest.mark.django_db
SAID = {"name": "王五", "text": "这家企业没有开业。", "now": NOW}
DECIDE = """
    UPDATE payouts_objection SET is_upheld = false, decision = 'no', decided_at = now(), decided_by_id = %s
    WHERE id = %s
"""
TAKE_UP = "UPDATE payouts_objection SET triage = 'taken_up', triaged_at = now(), triaged_by_id = %s WHERE id = %s"


def sent(payout: Payout, **fields: Any) -> Objection:
    """An objection as the public form sends it."""
    return publicise.object_to(payout_id=payout.pk, **({"contact": ADDRESS} | SAID | fields))


def test_what_anybody_sends_stops_nothing() -> None:
    unconfirmed, confirmed, aside = shown(), shown(), shown()
    sent(unconfirmed)
    confirm(sent(confirmed), now=NOW)
    put_off = confirm(sent(aside), now=NOW)
    set_aside(objection_id=put_off.pk, because="没有说明事实", actor=make_officer(), now=NOW)
    assert end_publicity(limit=10, now=AFTER) == 3
    assert {status_of(each) for each in (unconfirmed, confirmed, aside)} == {"approved"}


def test_what_is_taken_up_stops_the_payout_in_the_database_too() -> None:
    payout = shown()
    objection = confirm(sent(payout), now=NOW)
    take_up(objection_id=objection.pk, actor=make_officer(), now=NOW)
    assert end_publicity(limit=10, now=AFTER) == 0
    assert refusal_of(MOVE, "approved", AFTER, payout.pk) == "payout_waits_for_its_objections"


def test_what_an_officer_records_is_taken_up() -> None:
    payout, officer = shown(), make_officer()
    objection = sent(payout, contact="0571-12345", recorded_by=officer)
    assert (objection.triage, objection.triaged_by) == ("taken_up", officer)
    assert not Message.objects.exists()
    assert end_publicity(limit=10, now=AFTER) == 0


def test_a_code_goes_to_the_address_and_confirms_it_once() -> None:
    objection = sent(shown())
    assert messages.send_messages(limit=10, now=NOW) == 1
    assert messages.send_messages(limit=10, now=NOW) == 0
    [letter] = mail.outbox
    assert letter.to == [ADDRESS]
    assert read_code(objection) in letter.body
    assert confirm(objection, now=NOW).confirmed_at == NOW
    later = confirm_contact(reference=objection.reference, code="again", now=NOW + timedelta(hours=1))
    assert later.confirmed_at == NOW


def test_the_code_is_stored_nowhere_in_clear() -> None:
    objection = sent(shown())
    code = read_code(objection).encode()
    message = Message.objects.get()
    held = (message.body_encrypted, message.address_encrypted, objection.code_hash, message.subject.encode())
    assert not [each for each in held if code in bytes(each) or ADDRESS.encode() in bytes(each)]


def test_a_wrong_code_is_counted_and_five_end_it() -> None:
    objection = sent(shown())
    for _each in range(MOST_WRONG_CODES):
        with pytest.raises(WrongCode):
            confirm_contact(reference=objection.reference, code="no", now=NOW)
    with pytest.raises(CodeEnded):
        confirm(objection, now=NOW)


def test_a_code_ends_after_a_day_and_belongs_to_one_objection() -> None:
    one, other = sent(shown()), sent(shown())
    with pytest.raises(WrongCode):
        confirm_contact(reference=one.reference, code=read_code(other), now=NOW)
    with pytest.raises(CodeEnded):
        confirm(one, now=NOW + timedelta(hours=25))


def test_nobody_is_flooded_with_codes() -> None:
    payouts = [shown() for _each in range(6)]
    for payout in payouts[:5]:
        sent(payout, sender=f"192.0.2.{payout.pk}")
    with pytest.raises(TooManyObjections):
        sent(payouts[5], sender="192.0.2.250", contact=ADDRESS.upper())


def test_the_form_takes_no_telephone() -> None:
    with pytest.raises(NoAddress):
        sent(shown(), contact="13912345678")


def test_an_officer_looks_at_it_once_and_after_the_code() -> None:
    objection, officer = sent(shown()), make_officer()
    for triage in (take_up, set_aside):
        reason = {} if triage is take_up else {"because": "x"}
        with pytest.raises(NotConfirmed):
            triage(objection_id=objection.pk, actor=officer, now=NOW, **reason)
    with pytest.raises(NotTakenUp):
        decide_objection(objection_id=objection.pk, is_upheld=True, decision="x", actor=officer, now=NOW)
    confirm(objection, now=NOW)
    with pytest.raises(NoReason):
        set_aside(objection_id=objection.pk, because=" ", actor=officer, now=NOW)
    set_aside(objection_id=objection.pk, because="没有说明事实", actor=officer, now=NOW)
    assert "没有说明事实" in Message.objects.latest("pk").body
    with pytest.raises(AlreadyDecided):
        take_up(objection_id=objection.pk, actor=officer, now=NOW)


def test_whoever_takes_it_up_does_not_decide_it() -> None:
    payout, officer = shown(), make_officer()
    objection = confirm(sent(payout), now=NOW)
    take_up(objection_id=objection.pk, actor=officer, now=NOW)
    asked: dict[str, Any] = {"objection_id": objection.pk, "is_upheld": False, "decision": "查无此事", "now": NOW}
    with pytest.raises(SamePerson):
        decide_objection(actor=officer, **asked)
    assert refusal_of(DECIDE, officer.pk, objection.pk) == "objection_is_decided_by_another_than_took_it_up"
    decide_objection(actor=make_officer("second"), **asked)
    assert end_publicity(limit=10, now=AFTER) == 1


def test_what_has_left_the_list_is_not_taken_up() -> None:
    payout = shown()
    objection = confirm(sent(payout), now=NOW)
    end_publicity(limit=10, now=AFTER)
    with pytest.raises(NotPublicised):
        take_up(objection_id=objection.pk, actor=make_officer(), now=AFTER)


@override_settings(EMAIL_BACKEND="tests.factories.objections.Away")
def test_a_server_that_is_away_is_asked_again_five_times() -> None:
    sent(shown())
    assert [messages.send_messages(limit=10, now=NOW) for _each in range(7)] == [0] * 7
    message = Message.objects.get()
    assert (message.attempts, message.sent_at) == (messages.MOST_ATTEMPTS, None)


class TestInTheDatabase:
    def test_money_is_stopped_by_what_is_confirmed_and_looked_at_by_somebody(self) -> None:
        objection, officer = sent(shown()), make_officer()
        assert refusal_of(TAKE_UP, officer.pk, objection.pk) == "objection_stops_money_when_it_is_confirmed"
        confirm(objection, now=NOW)
        anonymous = "UPDATE payouts_objection SET triage = 'taken_up' WHERE id = %s"
        assert refusal_of(anonymous, objection.pk) == "objection_is_looked_at_by_somebody"
        decided = (
            "UPDATE payouts_objection SET is_upheld = true, decision = 'so', decided_at = now(), decided_by_id = %s"
            " WHERE id = %s"
        )
        assert refusal_of(decided, officer.pk, objection.pk) == "objection_is_decided_when_it_is_taken_up"

    def test_it_is_taken_up_while_the_payout_is_on_the_list(self) -> None:
        objection = confirm(sent(shown()), now=NOW)
        end_publicity(limit=10, now=AFTER)
        assert refusal_of(TAKE_UP, make_officer().pk, objection.pk) == "objection_is_taken_up_while_publicised"

    @pytest.mark.parametrize(
        "change",
        [
            "confirmed_at = NULL",
            "wrong_codes = 1",
            "triage = 'taken_up', triage_because = ''",
            "triage_because = 'other'",
            "code_hash = sha256('other')",
            "contact_hash = sha256('other')",
        ],
    )
    def test_what_was_said_once_stays(self, change: str) -> None:
        objection = confirm(sent(shown()), now=NOW)
        set_aside(objection_id=objection.pk, because="没有说明事实", actor=make_officer(), now=NOW)
        update = f"UPDATE payouts_objection SET {change} WHERE id = %s"
        assert refusal_of(update, objection.pk) == "objection_is_decided_once"

    @pytest.mark.parametrize("columns", [{"confirmed_at": NOW}, {"triage": "taken_up"}, {"triage": "set_aside"}])
    def test_none_enters_confirmed_or_looked_at(self, columns: dict[str, Any]) -> None:
        objection = sent(shown())
        names = [field.column for field in Objection._meta.concrete_fields if field.name not in ("id", "reference")]
        values = ["%s" if name in columns else name for name in names]
        copy = f"INSERT INTO payouts_objection ({', '.join(names)}) SELECT {', '.join(values)} FROM payouts_objection"
        given = [columns[name] for name in names if name in columns]
        refused = refusal_of(f"{copy} WHERE id = %s", *given, objection.pk)
        assert refused == "objection_is_against_a_publicised_payout"

    def test_a_reference_is_of_one_objection_and_of_one_message(self) -> None:
        one, other = sent(shown()), sent(shown())
        for table in ("payouts_objection", "payouts_message"):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT id, reference FROM {table} ORDER BY id")
                (_first, reference), (_second, _other) = cursor.fetchall()
                columns = "objection_id, address_encrypted, subject, body_encrypted, written_at"
            if table == "payouts_message":
                copy = f"INSERT INTO payouts_message (reference, {columns}) SELECT %s, {columns} FROM payouts_message"
                refused = refusal_of(f"{copy} WHERE objection_id = %s", reference, other.pk)
                assert refused == "message_has_a_reference_of_its_own"
            else:
                columns = (
                    "publication_id, name, contact_encrypted, contact_masked, text, raised_at, sender_hash, decision"
                )
                copy = (
                    f"INSERT INTO payouts_objection (reference, {columns}) SELECT %s, {columns} FROM payouts_objection"
                )
                refused = refusal_of(f"{copy} WHERE id = %s", reference, one.pk)
                assert refused == "objection_has_a_reference_of_its_own"

    def test_a_message_is_sent_once_and_kept(self) -> None:
        sent(shown())
        messages.send_messages(limit=10, now=NOW)
        message = Message.objects.get()
        again = "UPDATE payouts_message SET sent_at = NULL WHERE id = %s"
        assert refusal_of(again, message.pk) == "message_is_sent_once"
        assert refusal_of("DELETE FROM payouts_message WHERE id = %s", message.pk) == "message_is_kept"
