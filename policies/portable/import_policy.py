"""Imports a file as a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import scope_of
from policies.authoring.draft import VersionFields, create_policy, draft_version
from policies.authoring.library import check_library_clause
from policies.models import NamedClause, Policy, PolicyVersion
from policies.portable.check_parts import check_parts, clean_row
from policies.portable.export import HEADER, RULES
from policies.portable.join_groups import Joined, OtherLibrary, compare_groups, join_groups
from policies.portable.read_dmn import UnreadablePolicy
from policies.portable.text import NamedText, PolicyText


@dataclass(frozen=True, slots=True)
class Imported:
    """The draft that a file became, and what else the import changed."""

    version: PolicyVersion
    is_new_policy: bool
    new_clauses: tuple[str, ...]
    joined: Joined


@transaction.atomic
def import_policy(*, policy: PolicyText, actor: User | None, code: str = "") -> Imported:
    """
    Write a policy of a file as the next draft of its policy, which is created when there is none.

    `code` takes the place of the file's own code. The titles of a policy that exists stay as they are, and so do its
    stacking groups, for what is in force is paid by them.

    Raises:
        UnreadablePolicy: a field or a part is missing, unknown, or not what it should be.
        OtherLibrary: a named clause or a stacking group exists with another meaning.
        RuleRefused, Refused: the draft cannot be written, as when an officer types it.
    """
    header = {name: policy.header.get(name, "") for name in HEADER} | ({"code": code} if code else {})
    _check_known(policy)
    fields = _clean_fields(policy)
    check_parts(policy)
    new_clauses = _add_to_library(policy.named)
    programme = Policy.objects.filter(code=header["code"]).first()
    written = programme or create_policy(**_clean_header(header), district=scope_of(actor).district)
    version = draft_version(
        policy=written,
        clauses=policy.clauses,
        parameters=policy.parameters,
        tables=policy.tables,
        examples=policy.examples,
        actor=actor,
        **fields,
    )
    joined = compare_groups(policy.groups, programme) if programme else join_groups(policy.groups, written)
    return Imported(version, programme is None, new_clauses, joined)


def _check_known(policy: PolicyText) -> None:
    """Refuse fields that the models do not have, because they would be lost, and texts that are too long."""
    known = {"policy": frozenset(HEADER), "version": frozenset(VersionFields.__annotations__) - RULES}
    for of, names in (("policy", policy.header), ("version", policy.fields)):
        for name in names:
            if name not in known[of]:
                raise UnreadablePolicy(_("A policy has no field “%(name)s”; remove it.") % {"name": name})
    for name in ("code", "title_zh", "department"):
        if not policy.header.get(name):
            raise UnreadablePolicy(_("The file does not say the policy’s field “%(name)s”.") % {"name": name})


def _clean_header(header: dict[str, str]) -> dict[str, str]:
    for name, text in header.items():
        _clean_value(Policy, name, text)
    return header


def _clean_fields(policy: PolicyText) -> VersionFields:
    for name in ("opens_on", "granted_cny"):
        if not policy.fields.get(name):
            raise UnreadablePolicy(_("The file does not say the version’s field “%(name)s”.") % {"name": name})
    given = {name: _clean_value(PolicyVersion, name, text) for name, text in policy.fields.items()}
    said = {name: value for name, value in given.items() if value is not None}
    return cast(VersionFields, said | {"amount_feel": policy.amount, "limit_feel": policy.limit})


def _clean_value(model: type[Policy] | type[PolicyVersion], name: str, text: str) -> Any:
    """The value of a field as the model would take it from a form."""
    field: Any = model._meta.get_field(name)
    given: Any = [part.strip() for part in text.split(",") if part.strip()] if isinstance(field, ArrayField) else text
    try:
        value = None if text == "" and field.null else field.to_python(given)
        return value if value is None else field.clean(value, None)
    except ValidationError as refused:
        raise UnreadablePolicy(
            _("The field “%(name)s” cannot be “%(text)s”: %(reason)s")
            % {"name": name, "text": text[:60], "reason": " ".join(refused.messages)}
        ) from refused


def _add_to_library(named: Sequence[NamedText]) -> tuple[str, ...]:
    """Add the named clauses that the library lacks, then check them; returns their names."""
    new = [clause for clause in map(_new_clause, named) if clause]
    for clause in new:
        check_library_clause(clause=clause)
    return tuple(clause.name for clause in new)


def _new_clause(text: NamedText) -> NamedClause | None:
    there = NamedClause.objects.filter(Q(name=text.name) | Q(name_zh=text.name_zh)).order_by("pk")
    for clause in there:
        _check_alike(clause, text)
    if there:
        return None
    clause = NamedClause(**asdict(text))
    clean_row(clause, said=_("The named clause “%(name)s”") % {"name": text.name[:60]})
    clause.save(force_insert=True)
    return clause


def _check_alike(there: NamedClause, text: NamedText) -> None:
    if there.name != text.name:
        raise OtherLibrary(
            _("The library’s clause “%(there)s” has the Chinese name “%(name)s”, the file gives it to “%(here)s”;"
              " rename one of them.") % {"there": there.name, "name": text.name_zh, "here": text.name}
        )  # fmt: skip
    if there.feel != text.feel:
        raise OtherLibrary(
            _("The library’s clause “%(name)s” says %(there)s, the file %(here)s; rename one of them.")
            % {"name": text.name, "there": there.feel, "here": text.feel}
        )
