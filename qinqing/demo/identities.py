"""The persons whom the simulated identity provider knows in the demo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from companies.models import Company
from qinqing.identity_provider.register import LegalPerson, Person

# Places in the city's cast: nobody has bound the first firm, and the demo's owner keeps the second.
_UNBOUND, _OWNED = 9, 0
# What each of them shows, for the guide of the demo.
DOES: Final = {
    "city-1": "legal representative of a firm that is still to be bound",
    "city-2": "authorised person of the same firm: prepares claims once it is bound",
    "city-3": "legal representative of the restaurant that “owner” claims for",
    "city-4": "represents no firm: follows the link of an invitation",
    "city-5": "is not known surely enough, and is refused",
}


def list_persons(*, cast: Sequence[str]) -> list[Person]:
    """The persons, with firms of the city's cast as far as the city has them."""
    names = dict(Company.objects.filter(credit_code__in=cast).values_list("credit_code", "name"))

    def firm(place: int, role: str) -> tuple[LegalPerson, ...]:
        code = cast[min(place, len(cast) - 1)]
        return (LegalPerson(code, names.get(code, ""), role),)

    return [
        Person("city-1", "王芳", 3, firm(_UNBOUND, "representative")),
        Person("city-2", "李强", 3, firm(_UNBOUND, "authorised")),
        Person("city-3", "陈晓棠", 4, firm(_OWNED, "representative")),
        Person("city-4", "赵敏", 3),
        Person("city-5", "孙悦", 1, firm(_UNBOUND, "representative")),
    ]
