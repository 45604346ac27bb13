"""Writing policies, bringing a wording into force, and ending it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TypedDict, Unpack

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.datasets.departments import DEPARTMENTS
from companies.models import User
from policies import matching, stacking
from policies.models import Clause, Entitlement, EntitlementStatus, Policy, PolicyVersion, VersionStatus
from policies.queries import in_force
from policies.wording import checked, definitions_of, wording_of
from qinqing.kernel.integrity import refused_as
from qinqing.kernel.nudges import nudge

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ClauseText:
    """A condition as an officer writes it."""

    title_zh: str
    title_en: str
    feel: str


class VersionFields(TypedDict, total=False):
    """What a version says beside its clauses; the names are those of `PolicyVersion`, money in yuan."""

    subject: str
    payee: str
    period_label: str
    as_of_on: dt.date | None
    amount_feel: str
    minimum_cny: Decimal | None
    cap_cny: Decimal | None
    track: str
    opens_on: dt.date
    closes_on: dt.date | None
    commitment_zh: str
    commitment_en: str
    granted_cny: Decimal


class Refused(Exception):
    """What cannot be done to a policy as things are; the text is a sentence for the officer."""


class CodeTaken(Refused):
    """Another policy has this code."""


class UnknownDepartment(Refused):
    """No department of this name is in charge of anything."""


def create_policy(
    *, code: str, title_zh: str, title_en: str, summary_zh: str, summary_en: str, department: str
) -> Policy:
    """
    Register a programme; it pays nothing before a version is published.

    Raises:
        CodeTaken: the code belongs to another policy.
        UnknownDepartment: `department` is no key of `DEPARTMENTS`.
    """
    if department not in DEPARTMENTS:
        raise UnknownDepartment(_("There is no department “%(name)s”.") % {"name": department})
    taken = CodeTaken(_("There is a policy with the code %(code)s already.") % {"code": code})
    with refused_as({"policies_policy_code_key": taken}):
        return Policy.objects.create(
            code=code,
            title_zh=title_zh,
            title_en=title_en,
            summary_zh=summary_zh,
            summary_en=summary_en,
            department=department,
        )


class BadFields(Refused):
    """The fields of a version contradict each other."""


@transaction.atomic
def draft_version(*, policy: Policy, clauses: Sequence[ClauseText], **fields: Unpack[VersionFields]) -> PolicyVersion:
    """
    Write the next wording of a policy as a draft.

    Raises:
        RuleRefused: a clause or the amount does not check; it says which, where and why.
        BadFields: the window is the wrong way round, a limit is negative, or the payee is nobody the policy knows.
    """
    version = PolicyVersion(policy=policy, **fields)
    version.number = next_number(policy=policy)
    with refused_as(contradictions()):
        version.save(force_insert=True)
    write_clauses(version=version, clauses=clauses)
    return version


def contradictions() -> dict[str, Exception]:
    """The refusals of a version's fields, by the constraint that refuses."""
    return {
        constraint.name: BadFields(str(constraint.violation_error_message))
        for constraint in PolicyVersion._meta.constraints
        if constraint.violation_error_message != constraint.default_violation_error_message
    }


class NotADraft(Refused):
    """Only a draft can be changed or published."""


def next_number(*, policy: Policy) -> int:
    """The number of a policy's next version; needs a transaction, which holds the policy until it ends."""
    Policy.objects.select_for_update(no_key=True).get(pk=policy.pk)
    return 1 + (policy.versions.aggregate(last=Max("number"))["last"] or 0)


@transaction.atomic
def write_clauses(*, version: PolicyVersion, clauses: Sequence[ClauseText]) -> None:
    """
    Replace the clauses of a draft, numbered in the order given.

    Raises:
        NotADraft: the version was published meanwhile.
        RuleRefused: a clause does not check; it says which, where and why.
    """
    checked(
        subject=version.subject,
        clauses=[clause.feel for clause in clauses],
        amount=version.amount_feel,
        definitions=definitions_of(version),
    )
    no_draft = NotADraft(_("%(version)s is not a draft any more.") % {"version": version})
    with refused_as({"clause_is_final": no_draft}):
        version.clauses.all().delete()
        Clause.objects.bulk_create(
            Clause(version=version, position=position, **asdict(clause))
            for position, clause in enumerate(clauses, start=1)
        )


def copy_version(*, version: PolicyVersion) -> PolicyVersion:
    """
    Write a new draft with the words of an existing version.

    Raises:
        RuleRefused: a fact that the old wording mentions does not exist any more.
    """
    clauses = [
        ClauseText(clause.title_zh, clause.title_en, clause.feel) for clause in version.clauses.order_by("position")
    ]
    fields: VersionFields = {
        "subject": version.subject,
        "payee": version.payee,
        "period_label": version.period_label,
        "as_of_on": version.as_of_on,
        "amount_feel": version.amount_feel,
        "minimum_cny": version.minimum_cny,
        "cap_cny": version.cap_cny,
        "track": version.track,
        "opens_on": version.opens_on,
        "closes_on": version.closes_on,
        "commitment_zh": version.commitment_zh,
        "commitment_en": version.commitment_en,
        "granted_cny": version.granted_cny,
    }
    return draft_version(policy=version.policy, clauses=clauses, **fields)


class NoClauses(Refused):
    """A version without conditions would pay everybody."""


class WindowOver(Refused):
    """The last day of claims has passed."""


class AnotherInForce(Refused):
    """A version of the policy is in force, and the caller did not say that it is to be replaced."""

    def __init__(self, version: PolicyVersion) -> None:
        self.version = version
        super().__init__(_("%(version)s is in force; close it, or replace it.") % {"version": version})


@transaction.atomic
def publish(
    *, version: PolicyVersion, actor: User | None, now: dt.datetime, replaces: PolicyVersion | None = None
) -> PolicyVersion:
    """
    Bring a draft into force, for good, and ask for its matching run.

    At most one version of a policy is in force. The one that is has to be named as `replaces`; it is closed in the
    same transaction, so that no moment lies between them. Its open entitlements pass to the new version or are
    withdrawn when the run reaches them, and cannot be claimed until then.

    Raises:
        NotADraft, NoClauses, WindowOver, AnotherInForce: as things are, the version cannot be published.
        RuleRefused: a rule does not check any more.
    """
    in_force = _lock_policy(version.policy_id)
    version = PolicyVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    _check_can_publish(version, in_force=in_force, replaces=replaces, today=timezone.localdate(now))
    wording = wording_of(version)
    if in_force is not None:
        _close(in_force, actor=actor, now=now)
    version.datasets = sorted(wording.datasets)
    version.content_hash = content_hash(version=version)
    version.status, version.published_at, version.published_by = VersionStatus.PUBLISHED, now, actor
    version.save(update_fields=["datasets", "content_hash", "status", "published_at", "published_by"])
    matching.ask_for_runs(versions=[version], now=now)
    log.info("version_published", version=str(version), actor_id=actor and actor.pk, content_hash=version.content_hash)
    return version


def _lock_policy(policy_id: int) -> PolicyVersion | None:
    """Hold the policy against other publications; returns the version in force."""
    Policy.objects.select_for_update(no_key=True).get(pk=policy_id)
    published = PolicyVersion.objects.select_for_update(no_key=True).filter(status=VersionStatus.PUBLISHED)
    return published.filter(policy_id=policy_id).first()


def _check_can_publish(
    version: PolicyVersion, *, in_force: PolicyVersion | None, replaces: PolicyVersion | None, today: dt.date
) -> None:
    if version.status != VersionStatus.DRAFT:
        raise NotADraft(_("%(version)s is not a draft any more.") % {"version": version})
    if not version.clauses.exists():
        raise NoClauses(_("%(version)s has no condition; it would pay everybody.") % {"version": version})
    if version.closes_on and version.closes_on < today:
        raise WindowOver(_("The last day of claims of %(version)s has passed.") % {"version": version})
    if in_force is not None and in_force != replaces:
        raise AnotherInForce(in_force)


class NotInForce(Refused):
    """Only a published version can be closed."""


@transaction.atomic
def close(*, version: PolicyVersion, actor: User | None, now: dt.datetime) -> PolicyVersion:
    """
    Take a version out of force; its open entitlements lapse, claims that were made go on to be paid.

    Raises:
        NotInForce: it is a draft, or closed already.
    """
    version = PolicyVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if version.status != VersionStatus.PUBLISHED:
        raise NotInForce(_("%(version)s is not in force.") % {"version": version})
    _close(version, actor=actor, now=now)
    nudge("policies.tasks.lapse", queue="match")
    return version


def _close(version: PolicyVersion, *, actor: User | None, now: dt.datetime) -> None:
    version.status, version.closed_at, version.closed_by = VersionStatus.CLOSED, now, actor
    version.save(update_fields=["status", "closed_at", "closed_by"])
    log.info("version_closed", version=str(version), actor_id=actor and actor.pk)


def match_again(*, version: PolicyVersion, now: dt.datetime) -> None:
    """
    Ask for another run over the whole city, as after a run that stopped.

    Raises:
        NotInForce: nobody is entitled by a version that is not published.
    """
    if version.status != VersionStatus.PUBLISHED:
        raise NotInForce(_("%(version)s is not in force.") % {"version": version})
    matching.ask_for_runs(versions=[version], now=now)


@transaction.atomic
def lapse(*, now: dt.datetime, limit: int = 10_000) -> int:
    """
    Let open entitlements lapse whose window has ended, or whose policy has no version in force any more.

    Rows that somebody is claiming this moment are passed over. Returns how many lapsed; fewer than `limit` means
    that none is left.
    """
    successors = PolicyVersion.objects.filter(policy=OuterRef("policy"), status=VersionStatus.PUBLISHED)
    is_over = Q(version__closes_on__lt=timezone.localdate(now)) | (
        Q(version__status=VersionStatus.CLOSED) & ~Exists(successors)
    )
    due = (
        Entitlement.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .filter(is_over, status=EntitlementStatus.OPEN)
        .order_by("pk")
        .values("pk")[:limit]
    )
    return Entitlement.objects.filter(pk__in=due).update(status=EntitlementStatus.LAPSED)


@transaction.atomic
def reopen(*, entitlement_ids: Sequence[int], now: dt.datetime) -> int:
    """
    Give back entitlements whose payouts were cancelled; returns how many can be claimed again.

    Those whose window is over stay claimed. What their claims superseded can be claimed again too. The facts may have
    changed since the claim, so the versions are decided anew.
    """
    due = Entitlement.objects.filter(
        Q(version__closes_on=None) | Q(version__closes_on__gte=timezone.localdate(now)),
        pk__in=entitlement_ids,
        status=EntitlementStatus.CLAIMED,
        version__status=VersionStatus.PUBLISHED,
    )
    versions = list(PolicyVersion.objects.filter(pk__in=due.values("version")))
    reopened = due.update(status=EntitlementStatus.OPEN)
    policies = stacking.give_back(entitlement_ids=entitlement_ids)
    versions += in_force(now=now).filter(policy__in=policies).exclude(pk__in=[version.pk for version in versions])
    matching.ask_for_runs(versions=versions, now=now)
    return reopened


_NOT_CONTENT = frozenset(
    {"id", "status", "content_hash", "published_at", "published_by", "closed_at", "closed_by", "policy"}
)


def content_hash(*, version: PolicyVersion) -> str:
    """SHA-256, in hex, over all that a version says: its fields and clauses, as JSON with sorted keys."""
    fields = {
        field.name: field.value_from_object(version)
        for field in version._meta.concrete_fields
        if field.name not in _NOT_CONTENT
    }
    clauses = version.clauses.order_by("position").values("position", "title_zh", "title_en", "feel")
    content = {"policy": version.policy.code, **fields, "clauses": list(clauses)}
    canonical = json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
