"""What is sealed opens in its row alone; a replaced key opens what it sealed, until everything is sealed anew."""

from __future__ import annotations

import io
from base64 import b64encode
from io import StringIO
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import BinaryField

from companies.datasets.sealing import ACCOUNT_NUMBER, ID_NUMBER
from companies.keys import reseal as resealing
from companies.keys.checks import check_keys
from companies.models import Employee, PayeeAccount, SealingKey, SourceSecret
from companies.models.sources.secret import SECRET
from payouts.models import Message, Objection, StoredPiece
from payouts.models.batches.stored import CONTENT
from payouts.models.claims.message import ADDRESS, BODY
from payouts.models.claims.publicity import CONTACT
from payouts.publicity.publicise import object_to
from payouts.storage.blobs import read_blocks, store_blob
from policies.models import Track
from qinqing.kernel.database.sealed import KeyedHashField, list_sealed_fields
from qinqing.kernel.secrets import SealedColumn, fingerprint, headers, present_header
from tests.factories.clock import NOW
from tests.factories.companies import make_account, make_company, read_account_number
from tests.factories.entitlements import make_version
from tests.factories.payouts import make_payout
from tests.factories.people import make_employee, read_id_number
from tests.factories.rows import refusal_of
from tests.factories.sources import make_source
from tests.superuser import as_superuser

SECOND, THIRD = "s" * 32, "t" * 32
PLACE = SealedColumn("a_table", "a_column")
NUMBER = "330102199001010001"


def replace_key(settings: LazySettings, key: str, *, cipher: str = "aes") -> None:
    settings.DATA_KEYS_BEFORE = [settings.DATA_KEY, *settings.DATA_KEYS_BEFORE]
    settings.DATA_KEY, settings.DATA_CIPHER = key, cipher


def seal_one_of_each() -> None:
    """A row in each sealed column, as the platform writes it."""
    make_account(company=make_company(has_account=False), number="6222021234567890")
    make_account(employee=make_employee(), number="6222021234567891")
    store_blob(content=io.BytesIO(b"a file"), now=NOW)
    make_source(secret="open sesame")
    version = make_version(track=Track.PUBLICISED, publicise_days=7)
    object_to(
        payout_id=make_payout(of=version).pk,
        name="王",
        contact="wang@example.com",
        text="不实",
        sender="192.0.2.1",
        now=NOW,
    )


def told() -> str:
    out = StringIO()
    call_command("reseal", stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("cipher", ["aes", "sm4"])
class TestOneValue:
    def test_it_opens_where_it_was_sealed_and_nowhere_else(self, settings: LazySettings, cipher: str) -> None:
        settings.DATA_CIPHER = cipher
        sealed = PLACE.seal(NUMBER, "1")
        assert PLACE.open(sealed, "1") == NUMBER
        assert PLACE.seal(NUMBER, "1") != sealed
        assert NUMBER.encode() not in sealed
        for elsewhere in (SealedColumn("b_table", "a_column"), SealedColumn("a_table", "b_column")):
            with pytest.raises(InvalidTag):
                elsewhere.open(sealed, "1")
        with pytest.raises(InvalidTag):
            PLACE.open(sealed, "2")

    @pytest.mark.parametrize("place", [0, 4, 12, 24, -1])
    def test_a_changed_one_does_not_open(self, settings: LazySettings, cipher: str, place: int) -> None:
        settings.DATA_CIPHER = cipher
        sealed = bytearray(PLACE.seal(NUMBER, "1"))
        sealed[place] ^= 1
        with pytest.raises(InvalidTag):
            PLACE.open(bytes(sealed), "1")

    @pytest.mark.parametrize("length", [0, 7, 8, 20, 35])
    def test_one_cut_short_does_not_open(self, settings: LazySettings, cipher: str, length: int) -> None:
        settings.DATA_CIPHER = cipher
        with pytest.raises(InvalidTag):
            PLACE.open(PLACE.seal(NUMBER, "1")[:length], "1")

    def test_earlier_keys_and_the_other_cipher_open_what_they_sealed(self, settings: LazySettings, cipher: str) -> None:
        settings.DATA_CIPHER = cipher
        old = [PLACE.seal(NUMBER, "1")]
        for key, then in ((SECOND, "sm4"), (THIRD, "aes")):
            replace_key(settings, key, cipher=then)
            old.append(PLACE.seal(NUMBER, "1"))
        assert {PLACE.open(each, "1") for each in old} == {NUMBER}
        assert [each.startswith(present_header()) for each in old] == [False, False, True]

    def test_without_its_key_it_does_not_open(self, settings: LazySettings, cipher: str) -> None:
        settings.DATA_CIPHER = cipher
        sealed = PLACE.seal(NUMBER, "1")
        settings.DATA_KEY = SECOND
        with pytest.raises(InvalidTag):
            PLACE.open(sealed, "1")


def test_the_beginning_says_which_cipher_sealed(settings: LazySettings) -> None:
    by_aes = PLACE.seal(NUMBER, "1")
    settings.DATA_CIPHER = "sm4"
    by_sm4 = PLACE.seal(NUMBER, "1")
    assert (by_aes[:1], by_sm4[:1], len(by_aes)) == (b"A", b"S", len(by_sm4))


@pytest.mark.parametrize("name", ["sha256", "sm3"])
def test_a_person_is_found_again_by_the_first_key(settings: LazySettings, name: str) -> None:
    settings.DATA_HASH = name
    before = fingerprint(NUMBER)
    replace_key(settings, SECOND, cipher="sm4")
    assert fingerprint(NUMBER) == before
    assert len(before) == 32
    settings.DATA_HASH = "sha256" if name == "sm3" else "sm3"
    assert fingerprint(NUMBER) != before


@pytest.mark.django_db
class TestReseal:
    @pytest.mark.parametrize("cipher", ["aes", "sm4"])
    def test_everything_sealed_comes_under_the_new_key(self, settings: LazySettings, cipher: str) -> None:
        seal_one_of_each()
        replace_key(settings, SECOND, cipher=cipher)
        assert {field.model for field in list_sealed_fields()} == {
            Employee,
            PayeeAccount,
            SourceSecret,
            StoredPiece,
            Objection,
            Message,
        }
        assert all(resealing.count_unsealed().values())
        told()
        assert not any(resealing.count_unsealed().values())
        # Nothing needs the old key any more.
        settings.DATA_KEYS_BEFORE = []
        assert [read_account_number(each) for each in PayeeAccount.objects.order_by("number_masked")]
        assert read_id_number(Employee.objects.latest("pk"))
        assert b"".join(read_blocks(stored=StoredPiece.objects.get().file)) == b"a file"
        assert Objection.objects.get().contact == "wang@example.com"

    def test_it_stops_anywhere_and_goes_on_with_what_is_left(
        self, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for field in list_sealed_fields():
            monkeypatch.setattr(field, "rows_at_once", 2)
        for _each in range(5):
            make_employee()
        replace_key(settings, SECOND)
        make_employee()
        assert next(resealing.reseal_everything(now=NOW)).count == 2
        assert "companies_employee.id_number_encrypted: 3 sealed anew" in told()
        assert "companies_employee.id_number_encrypted: 0 sealed anew" in told()
        assert SealingKey.objects.count() == 1

    def test_a_key_that_nobody_named_stops_it(self, settings: LazySettings) -> None:
        make_employee()
        settings.DATA_KEY = SECOND
        with pytest.raises(CommandError, match="QINQING_DATA_KEY_BEFORE"):
            told()

    def test_a_value_that_was_copied_from_another_row_stops_it(self, settings: LazySettings) -> None:
        person, other = make_employee(), make_employee()
        copied = {"id_number_hash": b"x" * 32, "id_number_masked": person.id_number_masked}
        Employee.objects.create(id_number_encrypted=other.id_number_encrypted, name="假", **copied)
        replace_key(settings, SECOND)
        with pytest.raises(CommandError, match="copied from another row"):
            told()


def raw(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.django_db
class TestGuards:
    """The database lets a re-seal pass, and no other change of a sealed value."""

    @pytest.fixture
    def rows(self, settings: LazySettings) -> dict[str, tuple[Any, SealedColumn, str, str]]:
        seal_one_of_each()
        account = PayeeAccount.objects.get(company__isnull=False, number_masked__endswith="90")
        message = Message.objects.get()
        secret = SourceSecret.objects.get()
        piece, objection, person = StoredPiece.objects.get(), Objection.objects.get(), Employee.objects.latest("pk")
        code = account.company.credit_code
        number_hash, person_hash = bytes(account.number_hash).hex(), bytes(person.id_number_hash).hex()
        return {
            "payee_account_stays_as_entered": (account, ACCOUNT_NUMBER, f"{code}/{number_hash}", "6222021234567890"),
            "stored_piece_is_only_resealed": (piece, CONTENT, f"{piece.file_id}/0", "a file"),
            "objection_is_decided_once": (objection, CONTACT, str(objection.reference), "wang@example.com"),
            "message_is_sent_once": (message, BODY, str(message.reference), message.body),
            "source_secret_stays_as_sealed": (secret, SECRET, secret.identity, "open sesame"),
            "employee_id_number_stays": (person, ID_NUMBER, person_hash, read_id_number(person)),
        }

    def test_a_new_value_under_the_same_key_is_refused(self, rows: dict[str, Any]) -> None:
        resealing.note_present_key(now=NOW)
        for promise, (row, column, identity, text) in rows.items():
            update = f"UPDATE {column.table} SET {column.column} = %s WHERE id = %s"
            assert refusal_of(update, column.seal(text, identity), row.pk) == promise

    def test_a_key_that_nobody_noted_seals_nothing_anew(self, settings: LazySettings, rows: dict[str, Any]) -> None:
        replace_key(settings, SECOND)
        for promise, (row, column, identity, text) in rows.items():
            update = f"UPDATE {column.table} SET {column.column} = %s WHERE id = %s"
            assert refusal_of(update, column.seal(text, identity), row.pk) == promise

    def test_the_noted_key_seals_anew_once(self, settings: LazySettings, rows: dict[str, Any]) -> None:
        old = {promise: column.seal(text, identity) for promise, (_row, column, identity, text) in rows.items()}
        replace_key(settings, SECOND)
        resealing.note_present_key(now=NOW)
        for promise, (row, column, identity, text) in rows.items():
            update = f"UPDATE {column.table} SET {column.column} = %s WHERE id = %s"
            longer = column.seal(f"{text}0", identity)
            assert refusal_of(update, longer, row.pk) == promise
            raw(update, column.seal(text, identity), row.pk)
            # Neither back to the key that leaked, nor to another value of this key.
            assert refusal_of(update, old[promise], row.pk) == promise
            assert refusal_of(update, column.seal(text, identity), row.pk) == promise

    @pytest.mark.parametrize(
        ("promise", "besides"),
        [
            ("payee_account_stays_as_entered", "holder_name = 'x'"),
            ("stored_piece_is_only_resealed", "number = 1"),
            ("objection_is_decided_once", "text = 'other'"),
            ("message_is_sent_once", "subject = 'other'"),
            ("source_secret_stays_as_sealed", "source_key = gen_random_uuid()"),
            ("employee_id_number_stays", "id_number_hash = sha256('x')"),
        ],
    )
    def test_nothing_else_changes_with_it(
        self, settings: LazySettings, rows: dict[str, Any], promise: str, besides: str
    ) -> None:
        row, column, identity, text = rows[promise]
        replace_key(settings, SECOND)
        resealing.note_present_key(now=NOW)
        update = f"UPDATE {column.table} SET {column.column} = %s, {besides} WHERE id = %s"
        assert refusal_of(update, column.seal(text, identity), row.pk) == promise


@pytest.mark.django_db
def test_a_number_that_was_copied_to_another_payee_does_not_open() -> None:
    """With hash and mask, and past the guards: the row is another's."""
    victim, thief = make_account(), make_account()
    copied = {"number_encrypted": thief.number_encrypted, "number_hash": thief.number_hash}
    forged = PayeeAccount(company=victim.company, is_active=False, **copied)
    for name in ("holder_name", "bank_name", "bank_number", "number_masked"):
        setattr(forged, name, getattr(victim, name))
    forged.save()
    with pytest.raises(InvalidTag):
        read_account_number(forged)


@pytest.mark.django_db
class TestTheKeysFitTheRows:
    def test_a_key_that_is_missing_is_named(self, settings: LazySettings) -> None:
        assert not check_keys(databases=["default"])
        make_employee()
        assert not check_keys(databases=["default"])
        settings.DATA_KEY = SECOND
        [fault] = check_keys(databases=["default"])
        assert "opens the ID numbers" in fault.msg

    @pytest.mark.parametrize("change", [{"DATA_HASH": "sm3"}, {"DATA_KEYS_BEFORE": []}])
    def test_another_hash_and_a_first_key_that_was_dropped_are_named(
        self, settings: LazySettings, change: dict[str, Any]
    ) -> None:
        make_employee()
        replace_key(settings, SECOND)
        told()
        assert not check_keys(databases=["default"])
        for name, value in change.items():
            setattr(settings, name, value)
        [fault] = check_keys(databases=["default"])
        assert "known persons are not found" in fault.msg


# What a bank checks a file by is for everybody to read.
PUBLIC = {
    *("payouts.HandOverStep.public_key", "payouts.HandOverStep.signature"),
    *("companies.DeliveryKey.public_key", "companies.Delivery.signature"),
}


class TestEachColumnDeclaresItself:
    def test_a_column_of_bytes_is_sealed_or_a_keyed_hash(self) -> None:
        ours = {"companies", "policies", "payouts", "qinqing"}
        fields = [field for model in apps.get_models() for field in model._meta.local_concrete_fields]
        declared = {(field.model._meta.db_table, field.column) for field in list_sealed_fields()}
        undeclared = {
            f"{field.model._meta.label}.{field.name}"
            for field in fields
            if isinstance(field, BinaryField)
            and field.model._meta.app_label in ours
            and not isinstance(field, KeyedHashField)
            and (field.model._meta.db_table, field.column) not in declared
        }
        assert undeclared == PUBLIC, "Make each a SealedField or a KeyedHashField."

    def test_each_says_to_what_it_is_bound(self) -> None:
        assert all(field.identity for field in list_sealed_fields())
        sealed = {field.seal for field in list_sealed_fields()}
        assert sealed == {ID_NUMBER, ACCOUNT_NUMBER, SECRET, CONTENT, CONTACT, ADDRESS, BODY}

    @pytest.mark.django_db
    def test_no_other_column_of_the_database_holds_what_we_sealed(self) -> None:
        seal_one_of_each()
        declared = {(field.model._meta.db_table, str(field.column)) for field in list_sealed_fields()}
        found = {place for place in text_and_bytes() if holds_sealed(*place)}
        assert found == declared

    @pytest.mark.django_db
    @pytest.mark.parametrize("stored", ["text", "bytea"])
    def test_a_hidden_one_is_found(self, stored: str) -> None:
        sealed = PLACE.seal(NUMBER, "1")
        with as_superuser() as cursor:
            cursor.execute(f"CREATE TABLE hidden (value {stored})")
            cursor.execute("INSERT INTO hidden VALUES (%s)", [sealed if stored == "bytea" else sealed.hex()])
            cursor.execute("GRANT SELECT ON hidden TO PUBLIC")
        assert ("hidden", "value") in text_and_bytes()
        assert holds_sealed("hidden", "value")


def text_and_bytes() -> list[tuple[str, str]]:
    """All columns of the database in which something sealed could stand, also as text or within JSON."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            " AND c.data_type IN ('bytea', 'text', 'character varying', 'json', 'jsonb')"
        )
        return list(cursor.fetchall())


def holds_sealed(table: str, column: str) -> bool:
    """Whether a value holds the header of a key of ours: as bytes, in hexadecimal digits or in base64."""
    if table == "companies_sealingkey":  # It names the headers, and nothing behind them.
        return False
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')
        values = [value for [value] in cursor.fetchall()]
    return any(is_sealed(value) for value in values)


def is_sealed(value: object) -> bool:
    if isinstance(value, (bytes, memoryview)):
        return any(header in bytes(value) for header in headers())
    # Eight bytes fill ten digits of base64 and a part of the next.
    return any(header.hex() in str(value) or b64encode(header).decode()[:10] in str(value) for header in headers())
