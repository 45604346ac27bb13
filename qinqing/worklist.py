"""The worklist: what waits for an official, which the start page of the admin shows and counts."""

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

from companies.deliveries.freshness import count_due_datasets
from companies.firms.account_proposals import KIND as ACCOUNT_KIND
from companies.models import AccountStop, DataSource, Delivery, DeliveryStatus, PayeeAccount, ThirdParty, User
from companies.people.scope import narrow, scope_of
from payouts.batch_states import BatchStatus
from payouts.batches.queries import count_funds_without_batch
from payouts.exceptions.stuck import find_stuck_work
from payouts.ledger.waiting_accounts import filter_for_account, filter_for_official
from payouts.models import (
    Appeal,
    Batch,
    Fund,
    FundAlarm,
    LeaseRelease,
    Objection,
    Payout,
    PostCheck,
    Recovery,
    Repayment,
    ReplyFile,
    ReplyFileStatus,
)
from payouts.models.claims.publicity import Triage
from payouts.recovery.allegation import PENALTIES
from payouts.recovery.queries import list_repaid_recoveries
from payouts.replies.queries import find_waiting_lines
from payouts.states import Status
from policies.models import ListStatus, MatchRun, PolicyVersion, Suspension, VersionStatus, WhiteList
from policies.models.window import is_not_over
from qinqing.kernel.admin.worklist_filter import PARAMETER
from qinqing.proposals.models import Proposal
from qinqing.proposals.queries import find_waiting

# More than this is “many”: the page says so, and the list behind the link counts for itself.
MANY = 100

FindRows = Callable[[User, datetime], "QuerySet[Any] | int"]


@dataclass(frozen=True, slots=True)
class WorkItem:
    """
    One kind of work: the permission that it needs, the rows that wait, and the list of the admin that shows them.

    `find_rows` returns the rows, or their number, for a person and a moment. If no filter of the list can ask the same,
    the item has a `name`, and the list filters by `find_rows`.
    """

    title: Promise | str
    permission: str
    find_rows: FindRows
    url_name: str
    query: str = ""
    name: str = ""
    # Whether a district or a department has its own part of this work.
    is_for_districts: bool = True

    @property
    def link(self) -> str:
        """The list behind the number, with these rows and no others."""
        query = f"{PARAMETER}={self.name}" if self.name else self.query
        address = reverse(f"admin:{self.url_name}")
        return f"{address}?{query}" if query else address


@dataclass(frozen=True, slots=True)
class PendingWork:
    """A work item for which rows wait; `count` stops at `MANY`."""

    title: Promise | str
    count: int
    link: str

    @property
    def is_many(self) -> bool:
        """Whether there are more rows than `count` says."""
        return self.count >= MANY


def fill_start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what waits for the person to the start page, as the admin theme asks for it."""
    return context | {"waiting": list(list_work(user=request.user, now=timezone.now()))}


def list_work(*, user: Any, now: datetime) -> Iterator[PendingWork]:
    """The work items of this person for which rows wait; each is counted by at most one statement."""
    for item in WORK_ITEMS:
        if not user.has_perm(item.permission):
            continue
        if not item.is_for_districts and not scope_of(user).is_whole:
            continue
        rows = item.find_rows(user, now)
        rows = rows if isinstance(rows, int) else narrow(rows, user=user)
        count = rows if isinstance(rows, int) else rows[:MANY].count()
        if count:
            yield PendingWork(item.title, min(count, MANY), item.link)


def _matching(rows: type[Model], **condition: Any) -> FindRows:
    return lambda user, now: rows._default_manager.filter(**condition)


def _versions_to_review(user: User, now: datetime) -> QuerySet[PolicyVersion]:
    own = Q(drafted_by=user) | Q(submitted_by=user) | Q(writer_ids__contains=[user.pk])
    return PolicyVersion.objects.filter(~own, status=VersionStatus.SUBMITTED)


def _own_drafts(user: User, now: datetime) -> QuerySet[PolicyVersion]:
    return PolicyVersion.objects.filter(status=VersionStatus.DRAFT, drafted_by=user)


def _batches_to_check(user: User, now: datetime) -> QuerySet[Batch]:
    return Batch.objects.filter(~Q(sealed_by=user) & ~Q(opened_by=user), status=BatchStatus.SEALED)


def _batches_to_release(user: User, now: datetime) -> QuerySet[Batch]:
    return Batch.objects.filter(~Q(sealed_by=user) & ~Q(approved_by=user), status=BatchStatus.APPROVED)


def _batches_to_close(user: User, now: datetime) -> QuerySet[Batch]:
    released = Q(released_by=user, released_by__isnull=False)
    return Batch.objects.filter(~released, status=BatchStatus.RECONCILED)


def _accounts_to_check(user: User, now: datetime) -> QuerySet[ThirdParty]:
    unchecked = PayeeAccount.objects.filter(third_party=OuterRef("pk"), is_active=False, checked_by=None)
    return ThirdParty.objects.filter(Exists(unchecked.filter(~Q(entered_by=user))))


def _waiting_accounts(user: User, now: datetime) -> QuerySet[PayeeAccount]:
    """Accounts that wait for officials, unless somebody has proposed them."""
    proposed = Proposal.objects.filter(kind=ACCOUNT_KIND, decision="").values("subject_id")
    waiting = PayeeAccount.objects.filter(third_party=None, usable_from=None, stopped_at=None)
    return waiting.exclude(pk__in=proposed)


def _objections_to_decide(user: User, now: datetime) -> QuerySet[Objection]:
    """Objections that somebody else took up."""
    return Objection.objects.filter(~Q(triaged_by=user), triage=Triage.TAKEN_UP, is_upheld=None)


def _batches_overdue(user: User, now: datetime) -> QuerySet[Batch]:
    return Batch.objects.filter(status=BatchStatus.EXPORTED, answer_due_on__lt=timezone.localdate(now))


def _repayments_overdue(user: User, now: datetime) -> QuerySet[Recovery]:
    owed = Recovery.objects.filter(ended_as="", due_on__lt=timezone.localdate(now))
    return owed.exclude(pk__in=list_repaid_recoveries().values("pk"))


def _breaches_to_demand(user: User, now: datetime) -> QuerySet[PostCheck]:
    found = PostCheck.objects.filter(result=PostCheck.Result.BREACH, payout__status=Status.PAID, recovery=None)
    return found.filter(~Q(checked_by=user))


def _recoveries_to_close(user: User, now: datetime) -> QuerySet[Recovery]:
    taken = Repayment.objects.filter(recovery=OuterRef("pk"), recorded_by=user)
    appealed = Appeal.objects.filter(recovery=OuterRef("pk"), is_upheld=None)
    proposed = Proposal.objects.filter(subject_id=OuterRef("pk"), kind__in=PENALTIES, decision="")
    others = list_repaid_recoveries().filter(~Q(demanded_by=user), ~Exists(taken))
    return others.filter(~Exists(appealed), ~Exists(proposed))


def _funds_nearly_used_up(user: User, now: datetime) -> QuerySet[Fund]:
    """The funds that are nearly used up and from which somebody may still claim, or for which somebody waits."""
    raised = FundAlarm.objects.filter(fund=OuterRef("pk"), granted_cny=OuterRef("granted_cny"))
    waits = Payout.objects.filter(fund=OuterRef("pk"), status=Status.WAITLISTED)
    in_force = Q(version__status__in=(VersionStatus.PUBLISHED, VersionStatus.SUSPENDED), version__division=None)
    is_open = is_not_over(timezone.localdate(now), version="version__")
    return Fund.objects.filter(Exists(raised), (in_force & is_open) | Q(Exists(waits)))


def _awaiting_account(status: Status) -> FindRows:
    """Payouts that the bank did not pay and whose payee named no other account in time; until then the payee acts."""
    stopped = Payout.objects.filter(status=status)
    return lambda user, now: filter_for_account(stopped, now=now, is_overdue=True)


def _deliveries_in_quarantine(user: User, now: datetime) -> QuerySet[Delivery]:
    """The newest delivery of each dataset if rows of it are in quarantine; the next delivery takes its place here."""
    newest = Delivery.objects.filter(status=DeliveryStatus.LANDED).order_by("dataset", "-pk").distinct("dataset")
    return Delivery.objects.filter(pk__in=newest.values("pk"), quarantined_count__gt=0, delivered_by=user)


def _lists_to_publish(user: User, now: datetime) -> QuerySet[WhiteList]:
    return WhiteList.objects.filter(~Q(uploaded_by=user) & ~Q(checked_by=user), status=ListStatus.CHECKED)


WORK_ITEMS: tuple[WorkItem, ...] = (
    WorkItem(
        _("Proposals of colleagues to decide"),
        "proposals.view_proposal",
        lambda user, now: find_waiting(user=user),
        "proposals_proposal_changelist",
        name="decide",
    ),
    WorkItem(
        _("Versions to review and publish"),
        "policies.change_policyversion",
        _versions_to_review,
        "policies_policyversion_changelist",
        name="review",
    ),
    WorkItem(
        _("Your drafts"),
        "policies.change_policyversion",
        _own_drafts,
        "policies_policyversion_changelist",
        name="own_drafts",
    ),
    WorkItem(
        _("Lists of departments to check"),
        "policies.change_whitelist",
        _matching(WhiteList, status=ListStatus.DRAFT),
        "policies_whitelist_changelist",
        "status__exact=draft",
    ),
    WorkItem(
        _("Lists of departments to publish"),
        "policies.change_whitelist",
        _lists_to_publish,
        "policies_whitelist_changelist",
        name="publish",
    ),
    WorkItem(
        _("Policies that are paused"),
        "policies.view_suspension",
        _matching(Suspension, lifted_at=None),
        "policies_suspension_changelist",
        "lifted_at__isempty=1",
    ),
    WorkItem(
        _("Matching that stopped"),
        "policies.view_matchrun",
        lambda user, now: MatchRun.objects.filter(~Q(refusal=""), finished_at=None),
        "policies_matchrun_changelist",
        "finished_at__isempty=1&refusal__isempty=0",
    ),
    WorkItem(
        _("Objections to triage"),
        "payouts.change_objection",
        _matching(Objection, confirmed_at__isnull=False, triage=""),
        "payouts_objection_changelist",
        "confirmed_at__isempty=0&triage__isempty=1",
    ),
    WorkItem(
        _("Objections to decide"),
        "payouts.change_objection",
        _objections_to_decide,
        "payouts_objection_changelist",
        name="decide",
    ),
    WorkItem(
        _("Payouts to check afterwards"),
        "payouts.change_postcheck",
        _matching(PostCheck, result=""),
        "payouts_postcheck_changelist",
        "result__isempty=1",
    ),
    WorkItem(
        _("Appeals to decide"),
        "payouts.change_appeal",
        _matching(Appeal, is_upheld=None),
        "payouts_appeal_changelist",
        "is_upheld__isempty=1",
    ),
    WorkItem(
        _("Funds whose payouts wait for a batch that nobody has opened"),
        "payouts.add_batch",
        lambda user, now: count_funds_without_batch(user=user),
        "payouts_batch_collect",
    ),
    WorkItem(
        _("Batches to seal"),
        "payouts.add_batch",
        _matching(Batch, status=BatchStatus.OPEN),
        "payouts_batch_changelist",
        "status__exact=open",
    ),
    WorkItem(
        _("Batches to check"),
        "payouts.check_batch",
        _batches_to_check,
        "payouts_batch_changelist",
        name="check",
    ),
    WorkItem(
        _("Batches to release"),
        "payouts.release_batch",
        _batches_to_release,
        "payouts_batch_changelist",
        name="release",
    ),
    WorkItem(
        _("Batches whose answer is overdue"),
        "payouts.view_batch",
        _batches_overdue,
        "payouts_batch_changelist",
        name="overdue",
    ),
    WorkItem(
        _("Batches to close"),
        "payouts.close_batch",
        _batches_to_close,
        "payouts_batch_changelist",
        name="close",
    ),
    WorkItem(
        _("Accounts of third parties to check"),
        "companies.change_thirdparty",
        _accounts_to_check,
        "companies_thirdparty_changelist",
        name="check",
    ),
    WorkItem(
        _("Accounts of payees that wait"),
        "companies.change_payeeaccount",
        _waiting_accounts,
        "companies_payeeaccount_changelist",
        name="accounts",
    ),
    WorkItem(
        _("Changed accounts are stopped"),
        "companies.change_accountstop",
        lambda user, now: AccountStop.objects.filter(lifted_at=None),
        "companies_accountstop_changelist",
        name="stopped",
    ),
    WorkItem(
        _("Reply files to apply"),
        "payouts.change_replyfile",
        _matching(ReplyFile, status=ReplyFileStatus.READ),
        "payouts_replyfile_changelist",
        "status__exact=read",
    ),
    WorkItem(
        _("Rows of reply files that a person decides"),
        "payouts.change_replyfile",
        lambda user, now: find_waiting_lines(),
        "payouts_replyline_changelist",
    ),
    WorkItem(
        _("Stopped payouts that go on only when a clerk says so"),
        "payouts.change_payout",
        lambda user, now: filter_for_official(Payout.objects.all()),
        "payouts_payout_changelist",
        "mending=decided",
    ),
    WorkItem(
        _("Refused payouts whose payee told no other account in time"),
        "payouts.change_payout",
        _awaiting_account(Status.FAILED),
        "payouts_payout_changelist",
        "status__exact=failed&mending=overdue",
    ),
    WorkItem(
        _("Returned payouts whose payee told no other account in time"),
        "payouts.change_payout",
        _awaiting_account(Status.RETURNED),
        "payouts_payout_changelist",
        "status__exact=returned&mending=overdue",
    ),
    WorkItem(
        _("Breaches whose money nobody has demanded back"),
        "payouts.add_recovery",
        _breaches_to_demand,
        "payouts_postcheck_changelist",
        name="demand",
    ),
    WorkItem(
        _("Repayments that are overdue"),
        "payouts.view_recovery",
        _repayments_overdue,
        "payouts_recovery_changelist",
        name="overdue",
    ),
    WorkItem(
        _("Recoveries to close"),
        "payouts.change_recovery",
        _recoveries_to_close,
        "payouts_recovery_changelist",
        name="close",
    ),
    WorkItem(
        _("Funds that are nearly used up"),
        "payouts.view_fund",
        _funds_nearly_used_up,
        "payouts_fund_changelist",
        name="nearly_used_up",
    ),
    WorkItem(
        _("Work that is stuck"),
        f"payouts.view_{LeaseRelease._meta.model_name}",
        lambda user, now: find_stuck_work(now=now).total,
        "payouts_stuck",
        is_for_districts=False,
    ),
    WorkItem(
        _("Datasets whose data is too old, or soon will be"),
        "companies.add_delivery",
        lambda user, now: count_due_datasets(user=user, today=timezone.localdate(now)),
        "companies_delivery_add",
    ),
    WorkItem(
        _("Sources of datasets whose pull fails"),
        "companies.change_datasource",
        _matching(DataSource, failure_count__gt=0, paused_at=None),
        "companies_datasource_changelist",
        name="failing",
    ),
    WorkItem(
        _("Deliveries with rows in quarantine"),
        "companies.add_delivery",
        _deliveries_in_quarantine,
        "companies_delivery_changelist",
        name="quarantine",
    ),
)
