"""What waits for an official: the start page of the admin shows each their own work, the oldest duty first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from companies.deliveries.freshness import due_count
from companies.models import Delivery, DeliveryStatus, PayeeAccount, ThirdParty, User
from payouts.batch_states import BatchStatus
from payouts.batches.queries import to_be_opened
from payouts.exceptions.stuck import stuck
from payouts.ledger.waiting_accounts import decided_by_a_clerk, waiting_for_an_account
from payouts.models import (
    Appeal,
    Batch,
    Fund,
    FundAlarm,
    Grant,
    LeaseRelease,
    Objection,
    Payout,
    PostCheck,
    Recovery,
    Repayment,
    ReplyFile,
    ReplyFileStatus,
    Settlement,
)
from payouts.recovery.queries import repaid_in_full
from payouts.replies.queries import waiting_lines
from payouts.states import Status
from policies.models import GroupProposal, ListStatus, MatchRun, PolicyVersion, Suspension, VersionStatus, WhiteList
from policies.models.window import is_not_over
from qinqing.kernel.admin.worklist_filter import PARAMETER

# More than this is “many”: the page says so, and the list behind the link counts for itself.
MANY = 100

Found = Callable[[User, datetime], "QuerySet[Any] | int"]


@dataclass(frozen=True, slots=True)
class Duty:
    """
    One kind of work: the permission that it needs, the rows that wait, and the list they stand in.

    `found` answers the rows, or their number, for a person at a time. Where it asks more than a filter of the list can
    say, the duty has a `name`, by which the list asks the same.
    """

    title: Promise | str
    right: str
    found: Found
    place: str
    query: str = ""
    name: str = ""

    @property
    def link(self) -> str:
        """The list behind the number, with these rows and no others."""
        query = f"{PARAMETER}={self.name}" if self.name else self.query
        address = reverse(f"admin:{self.place}")
        return f"{address}?{query}" if query else address


@dataclass(frozen=True, slots=True)
class Waiting:
    """A duty with something to do; `count` stops at `MANY`."""

    title: Promise | str
    count: int
    link: str

    @property
    def is_many(self) -> bool:
        """Whether there is more than was counted."""
        return self.count >= MANY


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what waits for the person to the start page, as the admin theme asks for it."""
    return context | {"waiting": list(list_work(user=request.user, now=timezone.now()))}


def list_work(*, user: Any, now: datetime) -> Iterator[Waiting]:
    """The duties of this person that have something to do, by at most one statement each."""
    for duty in DUTIES:
        if not user.has_perm(duty.right):
            continue
        found = duty.found(user, now)
        count = found if isinstance(found, int) else found[:MANY].count()
        if count:
            yield Waiting(duty.title, min(count, MANY), duty.link)


def _of(rows: type[Model], **condition: Any) -> Found:
    return lambda user, now: rows._default_manager.filter(**condition)


def _undecided(rows: type[Model], *, by: str) -> Found:
    """What waits for somebody else than the person who wrote it down."""
    return lambda user, now: rows._default_manager.filter(~Q(**{by: user}), decision="")


def _to_review(user: User, now: datetime) -> QuerySet[PolicyVersion]:
    own = Q(drafted_by=user) | Q(submitted_by=user) | Q(writer_ids__contains=[user.pk])
    return PolicyVersion.objects.filter(~own, status=VersionStatus.SUBMITTED)


def _own_drafts(user: User, now: datetime) -> QuerySet[PolicyVersion]:
    return PolicyVersion.objects.filter(status=VersionStatus.DRAFT, drafted_by=user)


def _to_check(user: User, now: datetime) -> QuerySet[Batch]:
    return Batch.objects.filter(~Q(sealed_by=user) & ~Q(opened_by=user), status=BatchStatus.SEALED)


def _to_release(user: User, now: datetime) -> QuerySet[Batch]:
    return Batch.objects.filter(~Q(sealed_by=user) & ~Q(approved_by=user), status=BatchStatus.APPROVED)


def _to_close(user: User, now: datetime) -> QuerySet[Batch]:
    released = Q(released_by=user, released_by__isnull=False)
    return Batch.objects.filter(~released, status=BatchStatus.RECONCILED)


def _accounts_to_check(user: User, now: datetime) -> QuerySet[ThirdParty]:
    unchecked = PayeeAccount.objects.filter(third_party=OuterRef("pk"), is_active=False, checked_by=None)
    return ThirdParty.objects.filter(Exists(unchecked.filter(~Q(entered_by=user))))


def _overdue(user: User, now: datetime) -> QuerySet[Batch]:
    return Batch.objects.filter(status=BatchStatus.EXPORTED, answer_due_on__lt=timezone.localdate(now))


def _repayments_overdue(user: User, now: datetime) -> QuerySet[Recovery]:
    owed = Recovery.objects.filter(ended_as="", due_on__lt=timezone.localdate(now))
    return owed.exclude(pk__in=repaid_in_full().values("pk"))


def _breaches_to_demand(user: User, now: datetime) -> QuerySet[PostCheck]:
    found = PostCheck.objects.filter(result=PostCheck.Result.BREACH, payout__status=Status.PAID, recovery=None)
    return found.filter(~Q(checked_by=user))


def _recoveries_to_close(user: User, now: datetime) -> QuerySet[Recovery]:
    taken = Repayment.objects.filter(recovery=OuterRef("pk"), recorded_by=user)
    appealed = Appeal.objects.filter(recovery=OuterRef("pk"), is_upheld=None)
    return repaid_in_full().filter(~Q(demanded_by=user), ~Exists(taken), ~Exists(appealed))


def _nearly_used_up(user: User, now: datetime) -> QuerySet[Fund]:
    """Those that more money would help: somebody may still claim from them, or waits."""
    raised = FundAlarm.objects.filter(fund=OuterRef("pk"), granted_cny=OuterRef("granted_cny"))
    waits = Payout.objects.filter(fund=OuterRef("pk"), status=Status.WAITLISTED)
    in_force = Q(version__status__in=(VersionStatus.PUBLISHED, VersionStatus.SUSPENDED), version__division=None)
    is_open = is_not_over(timezone.localdate(now), version="version__")
    return Fund.objects.filter(Exists(raised), (in_force & is_open) | Q(Exists(waits)))


def _not_mended(status: Status) -> Found:
    """What the bank did not pay and the payee has not mended in time; until then it is the payee's to mend."""
    stopped = Payout.objects.filter(status=status)
    return lambda user, now: waiting_for_an_account(stopped, now=now, is_overdue=True)


def _in_quarantine(user: User, now: datetime) -> QuerySet[Delivery]:
    """The newest delivery of each dataset, where rows of it stayed outside: a better one clears it away."""
    newest = Delivery.objects.filter(status=DeliveryStatus.LANDED).order_by("dataset", "-pk").distinct("dataset")
    return Delivery.objects.filter(pk__in=newest.values("pk"), quarantined_count__gt=0, delivered_by=user)


def _lists_to_publish(user: User, now: datetime) -> QuerySet[WhiteList]:
    return WhiteList.objects.filter(~Q(uploaded_by=user) & ~Q(checked_by=user), status=ListStatus.CHECKED)


DUTIES: tuple[Duty, ...] = (
    Duty(
        _("Versions to review and publish"),
        "policies.change_policyversion",
        _to_review,
        "policies_policyversion_changelist",
        name="review",
    ),
    Duty(
        _("Your drafts"),
        "policies.change_policyversion",
        _own_drafts,
        "policies_policyversion_changelist",
        name="own_drafts",
    ),
    Duty(
        _("Lists of departments to check"),
        "policies.change_whitelist",
        _of(WhiteList, status=ListStatus.DRAFT),
        "policies_whitelist_changelist",
        "status__exact=draft",
    ),
    Duty(
        _("Lists of departments to publish"),
        "policies.change_whitelist",
        _lists_to_publish,
        "policies_whitelist_changelist",
        name="publish",
    ),
    Duty(
        _("Changes of stacking groups to confirm"),
        "policies.change_stackinggroup",
        _undecided(GroupProposal, by="entered_by"),
        "policies_groupproposal_changelist",
        name="confirm",
    ),
    Duty(
        _("Policies that are paused"),
        "policies.view_suspension",
        _of(Suspension, lifted_at=None),
        "policies_suspension_changelist",
        "lifted_at__isempty=1",
    ),
    Duty(
        _("Matching that stopped"),
        "policies.view_matchrun",
        lambda user, now: MatchRun.objects.filter(~Q(refusal=""), finished_at=None),
        "policies_matchrun_changelist",
        "finished_at__isempty=1&refusal__isempty=0",
    ),
    Duty(
        _("Objections to decide"),
        "payouts.change_objection",
        _of(Objection, is_upheld=None),
        "payouts_objection_changelist",
        "is_upheld__isempty=1",
    ),
    Duty(
        _("Payouts to check afterwards"),
        "payouts.change_postcheck",
        _of(PostCheck, result=""),
        "payouts_postcheck_changelist",
        "result__isempty=1",
    ),
    Duty(
        _("Appeals to decide"),
        "payouts.change_appeal",
        _of(Appeal, is_upheld=None),
        "payouts_appeal_changelist",
        "is_upheld__isempty=1",
    ),
    Duty(
        _("Funds whose payouts wait for a batch that nobody has opened"),
        "payouts.add_batch",
        lambda user, now: to_be_opened(),
        "payouts_batch_collect",
    ),
    Duty(
        _("Batches to seal"),
        "payouts.add_batch",
        _of(Batch, status=BatchStatus.OPEN),
        "payouts_batch_changelist",
        "status__exact=open",
    ),
    Duty(
        _("Batches to check"),
        "payouts.check_batch",
        _to_check,
        "payouts_batch_changelist",
        name="check",
    ),
    Duty(
        _("Batches to release"),
        "payouts.release_batch",
        _to_release,
        "payouts_batch_changelist",
        name="release",
    ),
    Duty(
        _("Batches whose answer is overdue"),
        "payouts.view_batch",
        _overdue,
        "payouts_batch_changelist",
        name="overdue",
    ),
    Duty(
        _("Batches to close"),
        "payouts.close_batch",
        _to_close,
        "payouts_batch_changelist",
        name="close",
    ),
    Duty(
        _("Grants to approve"),
        "payouts.change_grant",
        _undecided(Grant, by="entered_by"),
        "payouts_grant_changelist",
        name="approve",
    ),
    Duty(
        _("Settlements to confirm"),
        "payouts.change_settlement",
        _undecided(Settlement, by="booked_by"),
        "payouts_settlement_changelist",
        name="confirm",
    ),
    Duty(
        _("Accounts of third parties to check"),
        "companies.change_thirdparty",
        _accounts_to_check,
        "companies_thirdparty_changelist",
        name="check",
    ),
    Duty(
        _("Reply files to apply"),
        "payouts.change_replyfile",
        _of(ReplyFile, status=ReplyFileStatus.READ),
        "payouts_replyfile_changelist",
        "status__exact=read",
    ),
    Duty(
        _("Rows of reply files that a person decides"),
        "payouts.change_replyfile",
        lambda user, now: waiting_lines(),
        "payouts_replyline_changelist",
    ),
    Duty(
        _("Stopped payouts that go on only when a clerk says so"),
        "payouts.change_payout",
        lambda user, now: decided_by_a_clerk(Payout.objects.all()),
        "payouts_payout_changelist",
        "mending=decided",
    ),
    Duty(
        _("Refused payouts whose payee told no other account in time"),
        "payouts.change_payout",
        _not_mended(Status.FAILED),
        "payouts_payout_changelist",
        "status__exact=failed&mending=overdue",
    ),
    Duty(
        _("Returned payouts whose payee told no other account in time"),
        "payouts.change_payout",
        _not_mended(Status.RETURNED),
        "payouts_payout_changelist",
        "status__exact=returned&mending=overdue",
    ),
    Duty(
        _("Breaches whose money nobody has demanded back"),
        "payouts.add_recovery",
        _breaches_to_demand,
        "payouts_postcheck_changelist",
        name="demand",
    ),
    Duty(
        _("Repayments that are overdue"),
        "payouts.view_recovery",
        _repayments_overdue,
        "payouts_recovery_changelist",
        name="overdue",
    ),
    Duty(
        _("Recoveries to close"),
        "payouts.change_recovery",
        _recoveries_to_close,
        "payouts_recovery_changelist",
        name="close",
    ),
    Duty(
        _("Funds that are nearly used up"),
        "payouts.view_fund",
        _nearly_used_up,
        "payouts_fund_changelist",
        name="nearly_used_up",
    ),
    Duty(
        _("Work that is stuck"),
        f"payouts.view_{LeaseRelease._meta.model_name}",
        lambda user, now: stuck(now=now).total,
        "payouts_stuck",
    ),
    Duty(
        _("Datasets whose data is too old, or soon will be"),
        "companies.add_delivery",
        lambda user, now: due_count(user=user, today=timezone.localdate(now)),
        "companies_delivery_add",
    ),
    Duty(
        _("Deliveries with rows in quarantine"),
        "companies.add_delivery",
        _in_quarantine,
        "companies_delivery_changelist",
        name="quarantine",
    ),
)
