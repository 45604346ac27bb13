"""A replaced data key still opens what it sealed; the new key seals new values, and persons are still found."""

from __future__ import annotations

import os
from io import StringIO

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import LazySettings
from django.conf import settings as configured
from django.core.management import CommandError, call_command

from companies.models import Employee
from companies.people import reseal as resealing
from qinqing.kernel.secrets import decrypt, encrypt, fingerprint, is_sealed_by_this_key
from tests.factories.people import make_employee

SECOND, THIRD = "s" * 32, "t" * 32


def sealed_without_mark(text: str, *, key: str) -> bytes:
    """Seal a text as the platform did before keys had marks."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"qinqing/encryption").derive(key.encode())
    nonce = os.urandom(12)
    return nonce + AESGCM(derived).encrypt(nonce, text.encode(), None)


def replace_key(settings: LazySettings, key: str) -> None:
    settings.DATA_KEYS_BEFORE = [settings.DATA_KEY, *settings.DATA_KEYS_BEFORE]
    settings.DATA_KEY = key


def test_what_earlier_keys_sealed_is_read(settings: LazySettings) -> None:
    old = [sealed_without_mark("330102199001010001", key=configured.DATA_KEY), encrypt("330102199001010001")]
    for key in (SECOND, THIRD):
        replace_key(settings, key)
        old.append(encrypt("330102199001010001"))
        assert is_sealed_by_this_key(old[-1])
        assert not any(is_sealed_by_this_key(each) for each in old[:-1])
    assert {decrypt(each) for each in old} == {"330102199001010001"}


def test_without_its_key_nothing_is_read(settings: LazySettings) -> None:
    old = [sealed_without_mark("1", key=configured.DATA_KEY), encrypt("1")]
    settings.DATA_KEY = SECOND
    for each in old:
        with pytest.raises(InvalidTag):
            decrypt(each)


@pytest.mark.parametrize("place", [0, 8, 20, -1])
def test_a_changed_seal_opens_nothing(place: int) -> None:
    sealed = bytearray(encrypt("330102199001010001"))
    sealed[place] ^= 1
    with pytest.raises(InvalidTag):
        decrypt(bytes(sealed))


def test_a_person_is_found_again_by_the_first_key(settings: LazySettings) -> None:
    before = fingerprint("330102199001010001")
    replace_key(settings, SECOND)
    assert fingerprint("330102199001010001") == before


def told() -> str:
    out = StringIO()
    call_command("reseal", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_persons_are_sealed_anew_and_only_once(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "ROWS_AT_ONCE", 2)
    people = {make_employee(number=number).pk: number for number in (f"33010219900101{n:04d}" for n in range(5))}
    replace_key(settings, SECOND)
    make_employee()
    # The command stops after the first set, and begins again.
    assert next(resealing.reseal_people()) == (2, 2)
    assert "6 persons seen, 3 sealed anew" in told()
    assert "6 persons seen, 0 sealed anew" in told()
    assert all(is_sealed_by_this_key(each.id_number_encrypted) for each in Employee.objects.all())
    for number, text in people.items():
        person = Employee.objects.get(pk=number)
        assert (decrypt(person.id_number_encrypted), bytes(person.id_number_hash)) == (text, fingerprint(text))


@pytest.mark.django_db
def test_a_number_of_a_key_that_nobody_named_stops_it(settings: LazySettings) -> None:
    make_employee()
    settings.DATA_KEY = SECOND
    with pytest.raises(CommandError, match="QINQING_DATA_KEY_BEFORE"):
        told()
