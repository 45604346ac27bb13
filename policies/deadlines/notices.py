"""The public notices of the policies in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from companies.contracts.departments import department_name
from companies.contracts.registry import kept_by_revision
from policies.explain.rule_words import in_words
from policies.feel.definitions import Definitions
from policies.models import PolicyVersion, Pool, Track, VersionStatus
from policies.models.window import is_not_over
from policies.rules.rules import RuleRefused, check_amount, definitions_of
from policies.states import IN_FORCE
from qinqing.kernel.refusals import NotFound
from qinqing.kernel.text import Bilingual


class NoSuchPolicy(NotFound):
    """No policy of that code is in force."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: its plain title, and the rule that decides it."""

    title: Bilingual
    feel: str


@dataclass(frozen=True, slots=True)
class Notice:
    """
    A published version as anybody may read it.

    `fixed_cny` is the amount in yuan when it is the same for everybody; otherwise `formula` says how it is worked
    out, and is empty for a rule that no longer checks. `subject` is what it is paid once for ("each company").
    """

    code: str
    title: Bilingual
    summary: Bilingual
    department: Bilingual
    subject: str
    fixed_cny: Decimal | None
    formula: Bilingual
    amount_feel: str
    minimum_cny: Decimal | None
    cap_cny: Decimal | None
    is_automatic: bool
    # A department's list gives the amounts; `cap_cny` is the largest possible one.
    is_listed: bool
    list_is_public: bool
    # The number of days on which a claim is public before it is paid; None if claims are not publicised.
    publicise_days: int | None
    counts_working_days: bool
    as_of_on: date | None
    opens_on: date
    closes_on: date | None
    # The money is divided in proportion, so that the amount is only an upper limit; `limit_feel` may set a lower one.
    is_pooled: bool = False
    limit_feel: str = ""
    # The window opens after the day of the notice.
    opens_later: bool = False
    # The window was over before the day of the notice.
    is_over: bool = False


def list_notices(*, on: date) -> tuple[Notice, ...]:
    """The policies whose window is open on that day or opens later, by their codes."""
    still_open = _published().filter(is_not_over(on))
    return tuple(notice(version=version, on=on) for version in still_open.order_by("policy__code"))


def version_in_force(*, code: str) -> PolicyVersion:
    """
    The version in force of the policy of that code, with its policy; it may be suspended.

    Raises:
        NoSuchPolicy: none is published under that code.
    """
    in_force = PolicyVersion.objects.filter(status__in=IN_FORCE).select_related("policy")
    version = in_force.filter(policy__code=code).first()
    if version is None:
        raise NoSuchPolicy(_("No policy %(code)s is in force.") % {"code": code})
    return version


def notice(*, version: PolicyVersion, on: date | None = None) -> Notice:
    """The public notice of a version; with a day it says whether the window opens later or is over."""
    policy, fixed_cny, cap_cny = version.policy, _fixed_amount(version.amount_feel), version.cap_cny
    is_listed, is_pooled = version.track == Track.WHITELIST, version.pool == Pool.PROPORTIONAL
    if is_listed or is_pooled:
        cap_cny = min((most for most in (fixed_cny, cap_cny) if most is not None), default=None)
        fixed_cny = None
    return Notice(
        code=policy.code,
        title=policy.title,
        summary=Bilingual(policy.summary_zh, policy.summary_en),
        department=department_name(policy.department),
        subject=str(version.get_subject_display()),
        fixed_cny=fixed_cny,
        formula=_formula_of(version),
        amount_feel=version.amount_feel,
        minimum_cny=version.minimum_cny,
        cap_cny=cap_cny,
        is_automatic=version.track == Track.AUTOMATIC,
        is_listed=is_listed,
        list_is_public=version.list_is_public,
        publicise_days=version.publicise_days,
        counts_working_days=version.counts_working_days,
        as_of_on=version.as_of_on,
        opens_on=version.opens_on,
        closes_on=version.closes_on,
        is_pooled=is_pooled,
        limit_feel=version.limit_feel,
        opens_later=on is not None and version.opens_on > on,
        is_over=on is not None and version.closes_on is not None and version.closes_on < on,
    )


def conditions(*, version: PolicyVersion) -> tuple[Condition, ...]:
    """The conditions of a version, in their order."""
    clauses = version.clauses.order_by("position")
    return tuple(Condition(clause.title, clause.feel) for clause in clauses)


def _published() -> QuerySet[PolicyVersion]:
    return (
        PolicyVersion.objects.filter(status=VersionStatus.PUBLISHED)
        .select_related("policy")
        .prefetch_related("parameters__values", "tables")
    )


def _fixed_amount(feel: str) -> Decimal | None:
    try:
        amount = Decimal(feel.strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _formula_of(version: PolicyVersion) -> Bilingual:
    """
    The formula of the amount in plain words; empty for a rule that no longer checks, because one bad rule must not
    break a page of many policies.
    """
    try:
        return _formula(version.amount_feel, version.subject, definitions_of(version))
    except RuleRefused:
        return Bilingual("", "")


@kept_by_revision
def _formula(feel: str, subject: str, definitions: Definitions) -> Bilingual:
    rule = check_amount(feel, subject=subject, definitions=definitions)
    return in_words(rule)
