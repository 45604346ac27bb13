"""Seals ID numbers again after the key was replaced."""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from django.db import transaction

from companies.models import Employee
from qinqing.kernel.secrets import decrypt, encrypt, is_sealed_by_this_key

ROWS_AT_ONCE = 1_000

log = structlog.get_logger(__name__)


def reseal_people() -> Iterator[tuple[int, int]]:
    """
    Seal all ID numbers by today's key that another one sealed, set after set; yields how many were seen and sealed.

    It may be stopped anywhere and begun again, and deliveries may land meanwhile: what they add is sealed by that key.

    Raises:
        cryptography.exceptions.InvalidTag: a number belongs to no key that the settings name.
    """
    after = seen = sealed = 0
    while numbers := _numbers_after(after):
        after = numbers[-1]
        seen += len(numbers)
        sealed += _reseal(numbers)
        yield seen, sealed
    log.info("people.resealed", seen=seen, sealed=sealed)


def _numbers_after(after: int) -> list[int]:
    people = Employee.objects.filter(pk__gt=after).order_by("pk")
    return list(people.values_list("pk", flat=True)[:ROWS_AT_ONCE])


@transaction.atomic
def _reseal(numbers: list[int]) -> int:
    people = Employee.objects.filter(pk__in=numbers).order_by("pk").select_for_update(no_key=True)
    old = [each for each in people if not is_sealed_by_this_key(each.id_number_encrypted)]
    for each in old:
        each.id_number_encrypted = encrypt(decrypt(each.id_number_encrypted))
    return Employee.objects.bulk_update(old, ["id_number_encrypted"])
