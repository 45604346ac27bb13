"""From a file to a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, cast

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from policies.models import NamedClause, Policy, PolicyVersion, StackingGroup, StackingMember
from policies.operations import Refused, VersionFields, create_policy, draft_version
from policies.portable.exporting import HEADER, RULES
from policies.portable.reading import UnreadablePolicy
from policies.portable.text import GroupText, NamedText, PolicyText


@dataclass(frozen=True, slots=True)
class Imported:
    """The draft that a file became, and what came with it."""

    version: PolicyVersion
    is_new_policy: bool
    new_clauses: tuple[str, ...]
    new_groups: tuple[str, ...]


class OtherLibrary(Refused):
    """The library has a clause or a group of the same name that says something else."""


@transaction.atomic
def import_policy(*, policy: PolicyText, actor: User | None, code: str = "") -> Imported:
    """
    Write a policy of a file as the next draft of its policy, which is created when there is none.

    `code` takes the place of the file's own code. The titles of a policy that exists stay as they are.

    Raises:
        UnreadablePolicy: a field is missing, unknown, or not what it should be.
        OtherLibrary: a named clause or a stacking group exists with another meaning.
        RuleRefused, Refused: the draft cannot be written, as when an officer types it.
    """
    header = {name: policy.header.get(name, "") for name in HEADER} | ({"code": code} if code else {})
    _check_known(policy)
    new_clauses = _library(policy.named)
    programme = Policy.objects.filter(code=header["code"]).first()
    written = programme or create_policy(**_named(header))
    version = draft_version(
        policy=written,
        clauses=policy.clauses,
        parameters=policy.parameters,
        tables=policy.tables,
        examples=policy.examples,
        actor=actor,
        **_fields(policy),
    )
    return Imported(version, programme is None, new_clauses, _join_groups(policy.groups, written))


def _check_known(policy: PolicyText) -> None:
    """Refuse fields that we would lose, and texts that are too long for theirs."""
    known = {"policy": frozenset(HEADER), "version": frozenset(VersionFields.__annotations__) - RULES}
    for of, names in (("policy", policy.header), ("version", policy.fields)):
        for name in names:
            if name not in known[of]:
                raise UnreadablePolicy(_("A policy has no field “%(name)s”; remove it.") % {"name": name})
    for name in ("code", "title_zh", "department"):
        if not policy.header.get(name):
            raise UnreadablePolicy(_("The file does not say the policy’s field “%(name)s”.") % {"name": name})


def _named(header: dict[str, str]) -> dict[str, str]:
    for name, text in header.items():
        _cleaned(Policy, name, text)
    return header


def _fields(policy: PolicyText) -> VersionFields:
    for name in ("opens_on", "granted_cny"):
        if not policy.fields.get(name):
            raise UnreadablePolicy(_("The file does not say the version’s field “%(name)s”.") % {"name": name})
    given = {name: _cleaned(PolicyVersion, name, text) for name, text in policy.fields.items()}
    said = {name: value for name, value in given.items() if value is not None}
    return cast(VersionFields, said | {"amount_feel": policy.amount, "limit_feel": policy.limit})


def _cleaned(model: type[Policy] | type[PolicyVersion], name: str, text: str) -> Any:
    """The value of a field, as the model would take it from a form."""
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


def _library(named: Sequence[NamedText]) -> tuple[str, ...]:
    """Add what the library lacks; returns the names."""
    new = []
    for clause in named:
        there = NamedClause.objects.filter(name=clause.name).first()
        if there is None:
            NamedClause.objects.create(**asdict(clause))
            new.append(clause.name)
        elif there.feel != clause.feel:
            raise OtherLibrary(
                _("The library’s clause “%(name)s” says %(there)s, the file %(here)s; rename one of them.")
                % {"name": clause.name, "there": there.feel, "here": clause.feel}
            )
    return tuple(new)


def _join_groups(groups: Sequence[GroupText], policy: Policy) -> tuple[str, ...]:
    """Make the policy a member of its stacking groups; returns the codes of those that were not there."""
    new = []
    for text in groups:
        group = StackingGroup.objects.filter(code=text.code).first()
        if group is None:
            group = _new_group(text)
            new.append(group.code)
        elif (group.rule, group.holder, group.span) != (text.rule, text.holder, text.span):
            raise OtherLibrary(
                _("The stacking group %(code)s has another rule here than in the file; rename one of them.")
                % {"code": group.code}
            )
        StackingMember.objects.get_or_create(group=group, policy=policy)
    return tuple(new)


def _new_group(text: GroupText) -> StackingGroup:
    given: dict[str, Any] = {field.name: getattr(text, field.name) for field in fields(GroupText)}
    group = StackingGroup(**given | {"pays_difference": bool(text.pays_difference), "cap_cny": text.cap_cny or None})
    try:
        group.full_clean()
    except ValidationError as refused:
        raise UnreadablePolicy(
            _("The stacking group “%(code)s”: %(reason)s") % {"code": text.code, "reason": " ".join(refused.messages)}
        ) from refused
    group.save(force_insert=True)
    return group
