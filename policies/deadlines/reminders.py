"""The days on which a version reminds firms, the reminders sent, and what a firm still has to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, QuerySet, Sum, When
from django.utils.formats import localize
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from companies.models import Company, PayeeAccount
from policies.authoring.history import in_readers_language
from policies.models import (
    Entitlement,
    EntitlementStatus,
    Payee,
    PolicyVersion,
    Reminder,
    ReminderMoment,
    ReminderReason,
    Track,
    VersionStatus,
)
from policies.models.window import is_not_over
from policies.rules.versions import dataset_source
from qinqing.kernel.text import Bilingual, disarm_formulas

LAPSED_SHOWN = 20
NOTHING = Decimal(0)
_BEFORE_THE_END = {ReminderMoment.WEEK: 7, ReminderMoment.THREE_DAYS: 3, ReminderMoment.LAST_DAY: 0}


class Round(NamedTuple):
    """A day on which a version reminds firms, numbered from 1."""

    number: int
    moment: ReminderMoment
    due_on: date


def rounds_of(*, version: PolicyVersion) -> tuple[Round, ...]:
    """The rounds of a version by their days; if two moments fall on one day, the first of the enumeration counts."""
    if version.closes_on is None:
        return ()
    days: dict[date, ReminderMoment] = {}
    for moment in ReminderMoment:
        if moment in version.reminders:
            days.setdefault(_day(moment, version.opens_on, version.closes_on), moment)
    return tuple(Round(number, days[day], day) for number, day in enumerate(sorted(days), start=1))


def _day(moment: ReminderMoment, opens_on: date, closes_on: date) -> date:
    if moment == ReminderMoment.OPENING:
        return opens_on
    if moment == ReminderMoment.HALFWAY:
        return opens_on + (closes_on - opens_on) // 2
    return max(opens_on, closes_on - timedelta(days=_BEFORE_THE_END[moment]))


@dataclass(frozen=True, slots=True)
class OpenReminder:
    """
    A reminder that a firm still has to act on, or wait for; the `number`-th of `rounds`.

    `open_cny` is the sum, in yuan, of the entitlements for which the firm can do something today. `missing` are the
    datasets that have nothing about the firm, with their departments. `waiting_count` entitlements have no account to
    be paid to: the firm's own, or that of an employee, which the firm cannot enter.
    """

    code: str
    title: Bilingual
    number: int
    rounds: int
    reason: str
    open_cny: Decimal
    closes_on: date | None
    missing: tuple[str, ...]
    waiting_count: int
    is_paid_to_people: bool
    # Nobody has to click: the platform pays by itself.
    is_automatic: bool


def reminders_for(*, company: Company, on: date) -> tuple[OpenReminder, ...]:
    """The reminders of a firm that are still about something open; the earliest last day of claims comes first."""
    sent = Reminder.objects.filter(
        is_not_over(on, version="version__"), company=company, version__status=VersionStatus.PUBLISHED
    ).select_related("version__policy")
    newest = list(sent.order_by("version", "-number").distinct("version"))
    rights = _rights_of(company, newest)
    notices = [notice for reminder in newest if (notice := _open_reminder(reminder, rights))]
    return tuple(sorted(notices, key=lambda notice: (notice.closes_on or on, notice.code)))


def reminders_to_do(*, on: date) -> QuerySet[Reminder]:
    """
    The reminders whose firms, on that day, still have something to claim, an account to enter, or data to wait for.
    """
    rights = Entitlement.objects.filter(company=OuterRef("company"), version=OuterRef("version"))
    to_do = rights.annotate(has_account=_has_account()).filter(_PAYABLE | _WAITING)
    is_undecided = Q(reason=ReminderReason.FACTS) & ~Q(Exists(rights))
    sent = Reminder.objects.filter(is_not_over(on, version="version__"), version__status=VersionStatus.PUBLISHED)
    return sent.filter(Q(Exists(to_do)) | is_undecided)


class _Rights(NamedTuple):
    """The open entitlements of a firm under a version: payable ones, and those that lack an account; in yuan."""

    payable_cny: Decimal
    waiting_cny: Decimal
    waiting_count: int


# The firm need not act on the automatic track, which claims by itself, nor for a third party's account, which finance
# enters.
_PAYABLE = Q(status=EntitlementStatus.OPEN, has_account=True) & ~Q(version__track=Track.AUTOMATIC)
_WAITING = Q(status=EntitlementStatus.OPEN, has_account=False) & ~Q(version__payee=Payee.THIRD_PARTY)
_NO_RIGHTS = _Rights(NOTHING, NOTHING, 0)


def _rights_of(company: Company, reminders: Sequence[Reminder]) -> dict[int, _Rights]:
    """The firm's open entitlements by version, for the versions under which it has any entitlement."""
    rights = Entitlement.objects.filter(company=company, version__in=[each.version_id for each in reminders])
    sums = (
        rights.order_by()
        .annotate(has_account=_has_account())
        .values("version")
        .annotate(
            payable=Sum("amount_cny", filter=_PAYABLE),
            waiting=Sum("amount_cny", filter=_WAITING),
            waiting_count=Count("pk", filter=_WAITING),
        )
    )
    return {
        row["version"]: _Rights(row["payable"] or NOTHING, row["waiting"] or NOTHING, row["waiting_count"])
        for row in sums
    }


def _has_account() -> Case:
    accounts = PayeeAccount.objects.filter(is_active=True)
    return Case(
        When(version__payee=Payee.EMPLOYEE, then=Exists(accounts.filter(employee=OuterRef("employee")))),
        When(version__payee=Payee.THIRD_PARTY, then=Exists(accounts.filter(third_party__code=OuterRef("payee_code")))),
        default=Exists(accounts.filter(company=OuterRef("company"))),
        output_field=BooleanField(),
    )


def _open_reminder(reminder: Reminder, rights: Mapping[int, _Rights]) -> OpenReminder | None:
    version, reason = reminder.version, ReminderReason(reminder.reason)
    payable_cny, waiting_cny, waiting_count = rights.get(version.pk, _NO_RIGHTS)
    # The reason may have changed since the reminder was sent.
    if payable_cny:
        reason = ReminderReason.UNCLAIMED
    elif waiting_cny:
        reason = ReminderReason.ACCOUNT
    elif reason != ReminderReason.FACTS or version.pk in rights:
        return None  # Done since: claimed, or decided.
    return OpenReminder(
        code=version.policy.code,
        title=version.policy.title,
        number=reminder.number,
        rounds=len(rounds_of(version=version)),
        reason=reason,
        open_cny=payable_cny or waiting_cny,
        closes_on=version.closes_on,
        missing=tuple(missing_datasets(reminder)),
        waiting_count=waiting_count,
        is_paid_to_people=version.payee == Payee.EMPLOYEE,
        is_automatic=version.track == Track.AUTOMATIC,
    )


def missing_datasets(reminder: Reminder) -> list[str]:
    """The datasets that have nothing about the firm, each with its department."""
    told = [dataset_source(dataset=name) for name in reminder.missing]
    return [_("%(dataset)s (%(department)s)") % {"dataset": one.dataset, "department": one.department} for one in told]


@dataclass(frozen=True, slots=True)
class LapsedEntitlements:
    """
    The entitlements under one version that a firm did not claim in time: how many, and their sum in yuan.

    `was_closed` says that the version was closed before its last day, so that the firm was not late; `because` is the
    officer's reason.
    """

    code: str
    title: Bilingual
    count: int
    amount_cny: Decimal
    expired_on: date | None
    was_closed: bool
    because: str


def lapsed_by_version(*, company: Company) -> tuple[LapsedEntitlements, ...]:
    """The lapsed entitlements of a firm by version, the newest first."""
    lapsed = Entitlement.objects.filter(company=company, status=EntitlementStatus.LAPSED)
    sums = lapsed.order_by().values("version").annotate(count=Count("pk"), sum=Sum("amount_cny"))
    by_version = {row["version"]: row for row in sums}
    versions = PolicyVersion.objects.filter(pk__in=by_version).select_related("policy")
    found = [
        _lapsed_entitlements(version, by_version[version.pk]["count"], by_version[version.pk]["sum"])
        for version in versions
    ]
    return tuple(sorted(found, key=lambda one: (one.expired_on or date.min, one.code), reverse=True)[:LAPSED_SHOWN])


def _lapsed_entitlements(version: PolicyVersion, count: int, amount_cny: Decimal) -> LapsedEntitlements:
    closed_on = localdate(version.closed_at) if version.closed_at else None
    was_closed = closed_on is not None and (version.closes_on is None or closed_on <= version.closes_on)
    ended_on = closed_on if was_closed else version.closes_on
    because = in_readers_language(version.moved_because) if was_closed else ""
    return LapsedEntitlements(
        version.policy.code, version.policy.title, count, amount_cny, ended_on, was_closed, because
    )


EXPORT_TITLES = (
    "批次 number", "到期日 due on", "政策 policy", "统一社会信用代码 credit code", "企业 company", "原因 reason",
    "金额 amount (CNY)", "最后兑付日 last day", "短信 message",
)  # fmt: skip


def export_rows(*, reminders: QuerySet[Reminder]) -> Iterator[tuple[str, ...]]:
    """Rows of text for letters and short messages, titles first; the rows are streamed."""
    yield EXPORT_TITLES
    ordered = reminders.select_related("version__policy", "company").order_by("version", "number", "company")
    for reminder in ordered.iterator(chunk_size=2_000):
        version = reminder.version
        cells = (
            str(reminder.number),
            reminder.due_on.isoformat(),
            f"{version.policy.code} {version.policy.title}",
            reminder.company.credit_code,
            reminder.company.name,
            str(reminder.get_reason_display()),
            f"{reminder.open_cny:.2f}",
            version.closes_on.isoformat() if version.closes_on else "",
            message(reminder),
        )
        yield disarm_formulas(cells)


def message(reminder: Reminder) -> str:
    """The reminder as a short message in the active language."""
    version = reminder.version
    said = {
        "firm": reminder.company.name,
        "policy": version.policy.title,
        "amount": f"{reminder.open_cny:,.2f}",
        "day": localize(version.closes_on),
        "missing": _("; ").join(missing_datasets(reminder)),
        "count": reminder.waiting_count,
    }
    if reminder.reason == ReminderReason.FACTS:
        return (
            _("%(firm)s: “%(policy)s” cannot be decided, because this is missing: %(missing)s. It ends on %(day)s.")
            % said
        )
    if reminder.reason == ReminderReason.ACCOUNT:
        return _account_sentence(version) % said
    return _("%(firm)s: ¥%(amount)s of “%(policy)s” can be claimed until %(day)s; then it is waived.") % said


def _account_sentence(version: PolicyVersion) -> str:
    """The sentence that says whose account is missing, who enters it, and whether somebody has to claim afterwards."""
    is_automatic = version.track == Track.AUTOMATIC
    if version.payee == Payee.EMPLOYEE and is_automatic:
        return _(
            "%(firm)s: ¥%(amount)s of “%(policy)s” waits for the accounts of %(count)d of your employees, which the"
            " social security card office delivers. It is then paid by itself, without a click, until %(day)s."
        )
    if version.payee == Payee.EMPLOYEE:
        return _(
            "%(firm)s: ¥%(amount)s of “%(policy)s” waits for the accounts of %(count)d of your employees, which the"
            " social security card office delivers. Then claim it by %(day)s."
        )
    if is_automatic:
        return _(
            "%(firm)s: ¥%(amount)s of “%(policy)s” waits for your account; tell it by %(day)s, and it is paid by"
            " itself, without a click."
        )
    return _("%(firm)s: ¥%(amount)s of “%(policy)s” waits for your account; tell it and claim by %(day)s.")
