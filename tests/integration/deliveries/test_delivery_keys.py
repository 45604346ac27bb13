"""Keys of departments' machines: two people register and revoke them, whoever writes."""

from __future__ import annotations

import hashlib

import pytest
from django.db import IntegrityError, connection, transaction

from companies.deliveries.signatures.keys import (
    AlreadyRevoked,
    KeyKnown,
    WrongKey,
    propose_key,
    propose_revoking,
    read_public_key,
)
from companies.models import Algorithm, DeliveryKey
from companies.people.scope import OutOfScope
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.refusals import NoReason
from qinqing.proposals.decide import SamePerson, confirm, turn_down
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import AlreadyProposed
from qinqing.proposals.queries import list_changes
from tests.factories.clock import NOW
from tests.factories.people import give_roles, make_user
from tests.factories.rows import insert, refusal_of
from tests.factories.signatures import der_of, key_proposal, make_private_key, pem_of, register, revoke

pytestmark = pytest.mark.django_db
TABLE = "companies_deliverykey"


def test_a_key_is_registered_by_two_and_revoked_by_two() -> None:
    private = make_private_key()
    waiting = key_proposal(private)
    assert not DeliveryKey.objects.exists()
    with pytest.raises(SamePerson):
        confirm(proposal_id=waiting.pk, actor=waiting.proposed_by, now=NOW)
    key = register(make_private_key())
    assert (key.department, key.algorithm, key.valid_from, key.revoked_at) == ("tax", Algorithm.ED25519, NOW, None)
    assert key.fingerprint == hashlib.sha256(bytes(key.public_key)).hexdigest()
    revoke(key)
    assert (key.revoked_at, key.revoked_by.username) == (NOW, "other keeper")
    with pytest.raises(AlreadyRevoked):
        propose_revoking(key=key, because="再来", actor=make_user("keeper"), now=NOW)


def test_whoever_decides_sees_the_fingerprint_of_the_very_key(in_english: None) -> None:
    private = make_private_key()
    shown = {change.label: change.after for change in list_changes(proposal=key_proposal(private))}
    assert shown["Fingerprint"] == hashlib.sha256(der_of(private)).hexdigest()
    assert shown["Department"] == "Tax"
    assert shown["Algorithm"] == "Ed25519"


def test_what_is_turned_down_registers_nothing() -> None:
    waiting = key_proposal(make_private_key())
    turn_down(proposal_id=waiting.pk, actor=make_user("other"), now=NOW)
    assert not DeliveryKey.objects.exists()


def test_several_keys_wait_but_none_twice() -> None:
    private = make_private_key()
    key_proposal(private)
    key_proposal(make_private_key())
    with pytest.raises(AlreadyProposed):
        key_proposal(private)


def test_a_key_is_of_one_department_and_never_comes_back() -> None:
    private = make_private_key()
    theirs = key_proposal(private, department="labour")
    key = register(private)
    with pytest.raises(KeyKnown):
        confirm(proposal_id=theirs.pk, actor=make_user("third"), now=NOW)
    revoke(key)
    with pytest.raises(KeyKnown):
        key_proposal(private)


def test_a_key_asks_for_a_reason_and_for_the_own_department() -> None:
    asked = {"machine": "m", "public_key": pem_of(make_private_key()), "now": NOW}
    with pytest.raises(NoReason):
        propose_key(department="tax", because=" ", actor=make_user("keeper"), **asked)
    clerk = make_user("clerk", is_staff=True, department="tax")
    with pytest.raises(OutOfScope):
        propose_key(department="labour", because="b", actor=clerk, **asked)
    with pytest.raises(OutOfScope):
        propose_revoking(key=register(make_private_key(), department="labour"), because="b", actor=clerk, now=NOW)
    assert propose_key(department="tax", because="b", actor=clerk, **asked).proposed_by == clerk


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no public key of Ed25519"),
        ("-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----", "no public key of Ed25519"),
        ("-----BEGIN PRIVATE KEY-----", "private key, which its machine alone may know"),
        (
            # A public key of another algorithm (X25519).
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\n"
            "-----END PUBLIC KEY-----",
            "no public key of Ed25519",
        ),
    ],
)
def test_another_text_is_no_key(text: str, said: str, in_english: None) -> None:
    with pytest.raises(WrongKey, match=said):
        read_public_key(text)


# From here on somebody writes SQL.


def test_nobody_registers_a_key_alone() -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        DeliveryKey.objects.create(
            department="tax",
            machine="m",
            algorithm="ed25519",
            public_key=der_of(make_private_key()),
            valid_from=NOW,
            registered_by=make_user("alone"),
        )
    assert constraint_of(refused.value) == "delivery_key_is_registered_by_two"


def test_nobody_revokes_a_key_alone_or_brings_one_back() -> None:
    key, other = register(make_private_key()), register(make_private_key())
    alone = f"UPDATE {TABLE} SET revoked_at = now(), revoked_by_id = %s WHERE id = %s"
    assert refusal_of(alone, make_user("alone").pk, other.pk) == "delivery_key_is_revoked_by_two"
    revoke(key)
    # Guards are asked by their names in order.
    back = f"UPDATE {TABLE} SET revoked_at = NULL, revoked_by_id = NULL WHERE id = %s"
    assert refusal_of(back, key.pk) == "delivery_key_is_revoked_by_two"


def test_not_even_a_proposal_brings_a_key_back() -> None:
    key = revoke(register(make_private_key()))
    with connection.cursor() as cursor:
        body = "SELECT prosrc FROM pg_proc WHERE proname = 'carry_out_delivery_key'"
        assert "revoked_at IS NULL" in cursor.execute(body).fetchone()[0]
    number = insert(TABLE, revoked_at=NOW, revoked_by_id=1)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        _carry_out_again(number)
    assert constraint_of(refused.value) == "delivery_key_stays_revoked"
    assert key.revoked_at == NOW


def _carry_out_again(number: int) -> None:
    """Update a revoked key as a trigger of a confirmed proposal would, were it written otherwise."""
    from tests.superuser import as_superuser

    with as_superuser() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION carry_out_delivery_key(proposal proposals_proposal) RETURNS void AS $$"
            " UPDATE companies_deliverykey SET revoked_at = now() + interval '1 day' WHERE id = proposal.subject_id"
            " $$ LANGUAGE sql"
        )
    proposal = Proposal.objects.create(
        kind="delivery_key",
        subject_id=number,
        subject_name="k",
        after={"state": "revoked"},
        because="b",
        proposed_at=NOW,
        proposed_by=make_user("keeper"),
    )
    confirm(proposal_id=proposal.pk, actor=make_user("other keeper"), now=NOW)


@pytest.mark.parametrize("change", ["department = 'labour'", "machine = 'x'", "valid_from = now() - interval '1 year'"])
def test_a_key_stays_as_it_was_registered(change: str) -> None:
    key = register(make_private_key())
    assert refusal_of(f"UPDATE {TABLE} SET {change} WHERE id = %s", key.pk) == "delivery_key_stays_as_registered"


def test_a_key_is_kept() -> None:
    key = register(make_private_key())
    assert refusal_of(f"DELETE FROM {TABLE} WHERE id = %s", key.pk) == "delivery_key_is_kept"


@pytest.mark.parametrize(
    ("values", "promise"),
    [
        ({"public_key": b"\x30\x2a" + bytes(42)}, "delivery_key_is_of_its_algorithm"),
        ({"algorithm": "sm2"}, "delivery_key_is_of_its_algorithm"),
        ({"department": ""}, "delivery_key_says_whose_it_is"),
        ({"machine": ""}, "delivery_key_says_whose_it_is"),
        ({"revoked_at": NOW}, "delivery_key_is_revoked_by_somebody"),
        ({}, "delivery_key_once"),
    ],
)
def test_a_row_that_is_no_key_is_refused(values: dict[str, object], promise: str) -> None:
    insert(TABLE)
    same = {} if values else {"public_key": DeliveryKey.objects.get().public_key}
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert(TABLE, variant=2, **values, **same)
    assert constraint_of(refused.value) == promise


@pytest.mark.parametrize("after", [{"fingerprint": "0" * 64}, {"public_key": "00"}, {"fingerprint": None}])
def test_a_proposal_shows_the_fingerprint_of_what_it_registers(after: dict[str, object]) -> None:
    sound = key_proposal(make_private_key())
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Proposal.objects.create(
            kind="delivery_key",
            subject_id=0,
            subject_name="k",
            slot="other",
            after=sound.after | after,
            because="b",
            proposed_at=NOW,
            proposed_by=make_user("keeper"),
        )
    assert constraint_of(refused.value) == "delivery_key_is_proposed_as_it_is_shown"


def test_only_those_who_look_after_keys_decide_them() -> None:
    rights = {
        role: [
            give_roles(make_user(role), role).has_perm(f"companies.{right}_deliverykey")
            for right in ("view", "add", "change")
        ]
        for role in ("department", "security_administrator", "auditor", "finance", "officer")
    }
    assert rights == {
        "department": [True, True, False],
        "security_administrator": [True, True, True],
        "auditor": [True, False, False],
        "finance": [False, False, False],
        "officer": [True, False, False],
    }
