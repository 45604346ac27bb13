"""Checks that the keys of the settings fit the rows that are stored."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connection

from companies.datasets.sealing import ID_NUMBER, person_identity
from companies.models import Employee
from qinqing.kernel.secrets import fingerprint


def find_key_fault() -> str:
    """What is wrong with the keys, judged by the person stored last; empty if nothing is."""
    person = Employee.objects.only("id_number_encrypted", "id_number_hash").order_by("-pk").first()
    if person is None:
        return ""
    try:
        number = ID_NUMBER.open(person.id_number_encrypted, person_identity(person.id_number_hash))
    except InvalidTag:
        return "No key of QINQING_DATA_KEY and QINQING_DATA_KEY_BEFORE opens the ID numbers that are stored."
    if fingerprint(number) != bytes(person.id_number_hash):
        return "QINQING_HASH or the last key of QINQING_DATA_KEY_BEFORE is another one: known persons are not found."
    return ""


@checks.register(checks.Tags.database)
def check_keys(*, databases: Sequence[str] | None = None, **_others: object) -> list[checks.CheckMessage]:
    """Compare the keys when `manage.py check --database default` runs on a database that has persons."""
    is_asked = DEFAULT_DB_ALIAS in (databases or ())
    if not is_asked or Employee._meta.db_table not in connection.introspection.table_names():
        return []
    hint = "Name all keys in the order in which they were in use; keyed hashes depend on the first one and its hash."
    return [checks.Error(fault, hint=hint, id="qinqing.E002") for fault in [find_key_fault()] if fault]
