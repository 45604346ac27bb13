"""What a verified ID token of the city's provider says about a person and the firms for which the person acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stdnum.cn import uscc

from companies.models import Capacity

# Nobody acts for more firms than an accountant; a longer list is a mistake of the provider.
MOST_FIRMS = 500


class UnreadableIdentity(Exception):
    """The claims of a token are not those that were agreed with the provider."""


@dataclass(frozen=True, slots=True)
class LegalPerson:
    """A firm for which the person acts, and as what."""

    credit_code: str
    company_name: str
    capacity: Capacity


@dataclass(frozen=True, slots=True)
class Identity:
    """A person whom the city's provider has identified; `level` says how surely, from 1 to 4."""

    name: str
    level: int
    legal_persons: tuple[LegalPerson, ...]


def read_identity(claims: Mapping[str, Any]) -> Identity:
    """
    Read the claims of an ID token whose signature, issuer and audience were checked.

    Raises:
        UnreadableIdentity: a claim is missing or has another form.
    """
    name, level, legal_persons = claims.get("name"), claims.get("level_of_assurance"), claims.get("legal_persons", [])
    if not isinstance(name, str) or not name.strip() or type(level) is not int:
        raise UnreadableIdentity("name or level_of_assurance")
    if not isinstance(legal_persons, list) or len(legal_persons) > MOST_FIRMS:
        raise UnreadableIdentity("legal_persons")
    found = tuple(_read_legal_person(each) for each in legal_persons)
    if len({each.credit_code for each in found}) < len(found):
        raise UnreadableIdentity("legal_persons")
    return Identity(name.strip(), level, found)


def _read_legal_person(claim: Any) -> LegalPerson:
    if not isinstance(claim, dict) or not all(isinstance(value, str) for value in claim.values()):
        raise UnreadableIdentity("legal_persons")
    code, role = claim.get("credit_code", ""), claim.get("role", "")
    if not uscc.is_valid(code) or uscc.compact(code) != code or role not in Capacity.values:
        raise UnreadableIdentity("legal_persons")
    return LegalPerson(code, claim.get("company_name", ""), Capacity(role))
