"""Creates policies, and writes the drafts of their versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from companies.contracts.departments import offices
from companies.models import User
from companies.people.scope import within_scope
from policies.authoring.parts import (
    ClauseText,
    ExampleText,
    NotADraft,
    ParameterText,
    TableText,
    clause_texts,
    example_texts,
    parameter_texts,
    table_texts,
    write_parts,
)
from policies.models import Policy, PolicyVersion
from policies.rules.rules import checked_rules_of
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.refusals import Refusal


class VersionFields(TypedDict, total=False):
    """The fields of a version beside its parts, by the names of `PolicyVersion`; money is in yuan."""

    subject: str
    payee: str
    payee_feel: str
    period_label: str
    as_of_on: dt.date | None
    amount_feel: str
    limit_feel: str
    minimum_cny: Decimal | None
    cap_cny: Decimal | None
    track: str
    pool: str
    publicise_days: int | None
    counts_working_days: bool
    list_is_public: bool
    reminders: list[str]
    effective_on: dt.date | None
    opens_on: dt.date
    closes_on: dt.date | None
    commitment_zh: str
    commitment_en: str
    granted_cny: Decimal


class CodeTaken(Refusal):
    """Another policy has this code."""


class UnknownDepartment(Refusal):
    """No department of this name is in charge of anything."""


def create_policy(
    *, code: str, title_zh: str, title_en: str, summary_zh: str, summary_en: str, department: str, district: str = ""
) -> Policy:
    """
    Create a policy of the city, or of a district; it pays nothing before a version of it is published.

    Raises:
        CodeTaken: the code belongs to another policy.
        UnknownDepartment: `department` is no key of `offices`.
    """
    if department not in offices():
        raise UnknownDepartment(_("There is no department “%(name)s”.") % {"name": department})
    taken = CodeTaken(_("There is a policy with the code %(code)s already.") % {"code": code})
    with translate_refusals({"policies_policy_code_key": taken}):
        return Policy.objects.create(
            code=code,
            title_zh=title_zh,
            title_en=title_en,
            summary_zh=summary_zh,
            summary_en=summary_en,
            department=department,
            district=district,
        )


class BadFields(Refusal):
    """The fields of a version contradict each other."""


@within_scope(policy=Policy)
@transaction.atomic
def draft_version(
    *,
    policy: Policy,
    clauses: Sequence[ClauseText],
    parameters: Sequence[ParameterText] = (),
    tables: Sequence[TableText] = (),
    examples: Sequence[ExampleText] = (),
    actor: User | None = None,
    **fields: Unpack[VersionFields],
) -> PolicyVersion:
    """
    Write the next version of a policy as a draft.

    Raises:
        RuleRefused: a rule does not check; it says which, where and why.
        BadFields: the fields contradict each other; the window ends before it begins, for example.
        BadParts: two parts share a name.
    """
    version = PolicyVersion(policy=policy, drafted_by=actor, **fields)
    version.writer_ids = [actor.pk] if actor else []
    version.number = next_number(policy=policy)
    _refuse_unknown_payee(version)
    with translate_refusals(contradictions()):
        version.save(force_insert=True)
    write_parts(version=version, clauses=clauses, parameters=parameters, tables=tables, examples=examples)
    checked_rules_of(version)
    return version


def contradictions() -> dict[str, Exception]:
    """The refusals for contradictory fields of a version, by the name of the constraint."""
    return {
        constraint.name: BadFields(str(constraint.violation_error_message))
        for constraint in PolicyVersion._meta.constraints
        if constraint.violation_error_message != constraint.default_violation_error_message
    }


def _refuse_unknown_payee(version: PolicyVersion) -> None:
    try:
        version.clean()
    except ValidationError as refused:
        raise BadFields(" ".join(refused.messages)) from refused


def next_number(*, policy: Policy) -> int:
    """Lock the policy until the transaction ends; returns the number of its next version."""
    Policy.objects.select_for_update(no_key=True).get(pk=policy.pk)
    return 1 + (policy.versions.aggregate(last=Max("number"))["last"] or 0)


@transaction.atomic
def write_clauses(*, version: PolicyVersion, clauses: Sequence[ClauseText]) -> None:
    """
    Replace the clauses of a draft, numbered in the order given.

    Raises:
        NotADraft: the version was submitted meanwhile.
        RuleRefused: a clause does not check; it says which, where and why.
    """
    write_parts(version=version, clauses=clauses)
    checked_rules_of(version)


@within_scope(version=PolicyVersion)
@transaction.atomic
def rewrite_version(
    *,
    version: PolicyVersion,
    clauses: Sequence[ClauseText],
    parameters: Sequence[ParameterText],
    tables: Sequence[TableText],
    examples: Sequence[ExampleText],
    actor: User | None = None,
    **fields: Unpack[VersionFields],
) -> PolicyVersion:
    """
    Replace the fields and the parts of a draft; `actor` becomes one of its writers.

    Raises:
        NotADraft, RuleRefused, BadFields, BadParts: as when it is drafted; nothing is changed.
    """
    for name, value in fields.items():
        setattr(version, name, value)
    _refuse_unknown_payee(version)
    no_draft = NotADraft(_("%(version)s is not a draft any more.") % {"version": version})
    with translate_refusals(contradictions() | {"policy_version_is_final": no_draft}):
        version.save(update_fields=list(fields))
    note_writer(version=version, actor=actor)
    write_parts(version=version, clauses=clauses, parameters=parameters, tables=tables, examples=examples)
    checked_rules_of(version)
    return version


@transaction.atomic
def note_writer(*, version: PolicyVersion, actor: User | None) -> None:
    """Add an officer to the writers of a draft, who cannot publish it; refreshes `version.writer_ids`."""
    row = PolicyVersion.objects.select_for_update(no_key=True).filter(pk=version.pk)
    version.writer_ids = row.values_list("writer_ids", flat=True).get()
    if actor is not None and actor.pk not in version.writer_ids:
        version.writer_ids = [*version.writer_ids, actor.pk]
        version.save(update_fields=["writer_ids"])


@within_scope(version=PolicyVersion)
def copy_version(*, version: PolicyVersion, actor: User | None = None) -> PolicyVersion:
    """
    Write a new draft with the content of another version, except for the day on which it comes into force.

    Raises:
        RuleRefused: a fact that the old wording mentions does not exist any more.
    """
    return draft_version(
        policy=version.policy,
        clauses=clause_texts(version),
        parameters=parameter_texts(version),
        tables=table_texts(version),
        examples=example_texts(version),
        actor=actor,
        **fields_of(version),
    )


def fields_of(version: PolicyVersion) -> VersionFields:
    """The fields of a version beside its parts, except for the day on which it comes into force."""
    return {
        "subject": version.subject,
        "payee": version.payee,
        "payee_feel": version.payee_feel,
        "period_label": version.period_label,
        "as_of_on": version.as_of_on,
        "amount_feel": version.amount_feel,
        "limit_feel": version.limit_feel,
        "minimum_cny": version.minimum_cny,
        "cap_cny": version.cap_cny,
        "track": version.track,
        "pool": version.pool,
        "publicise_days": version.publicise_days,
        "counts_working_days": version.counts_working_days,
        "list_is_public": version.list_is_public,
        "reminders": version.reminders,
        "opens_on": version.opens_on,
        "closes_on": version.closes_on,
        "commitment_zh": version.commitment_zh,
        "commitment_en": version.commitment_en,
        "granted_cny": version.granted_cny,
    }
