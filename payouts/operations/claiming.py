"""The click: entitlements become payouts, and their money is reserved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import LiteralString, NamedTuple

import structlog
from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from companies.models import Company, User
from payouts.models import Payout
from payouts.operations.committing import insert_payouts
from payouts.operations.funding import open_funds, reserve
from payouts.operations.seating import lock_seats
from payouts.queries.recovery import blacklisted
from payouts.queries.seats import Wanted, allowed, sentences
from payouts.states import Status
from policies import stacking
from policies.allowances import Allowance
from policies.models import Entitlement, EntitlementStatus, VersionStatus
from policies.queries.suspensions import pauses
from qinqing.kernel.nudges import nudge, nudge_from_page
from qinqing.kernel.plans import fetched_by_size
from qinqing.kernel.statements import first_column, in_chunks

log = structlog.get_logger()

# Rows of one transaction: enough to be fast, few enough that a fund is not locked for long.
CHUNK = 20_000


class ClaimRefused(Exception):
    """The claim opened nothing; the sentence says why."""


class NotEntitled(ClaimRefused):
    """An entitlement is somebody else's, or there is none of this id."""


class NotOpen(NotEntitled):
    """The company's own entitlement cannot be claimed now: it was withdrawn or lapsed, or its window is closed."""


class AmountChanged(ClaimRefused):
    """The entitlements are worth something else than the page said when the owner clicked."""


class NotCommitted(ClaimRefused):
    """The commitment that a policy asks for was not signed."""


class Excluded(ClaimRefused):
    """A stacking group leaves nothing: another policy was claimed, pays more, or the cap is reached."""


class Blacklisted(ClaimRefused):
    """The firm broke a commitment and may claim nothing for some years."""


class AlreadyClaimed(ClaimRefused):
    """There are payouts already; they are shown instead."""

    def __init__(self, sentence: str, *, payout_ids: Sequence[int]) -> None:
        super().__init__(sentence)
        self.payout_ids = tuple(payout_ids)


@dataclass(frozen=True, slots=True)
class Claimed:
    """
    What a claim opened.

    `waitlisted` are those of `payout_ids` whose fund is used up; the entitlements of `without_account` stay
    open because nobody has told us an account to pay to. Stacking groups leave nothing for the `excluded` ones that
    the platform tried to claim for many; `superseded` are those that nobody can claim now, asked for or not.
    """

    claim_ids: tuple[int, ...] = ()
    payout_ids: tuple[int, ...] = ()
    waitlisted: tuple[int, ...] = ()
    without_account: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    superseded: tuple[int, ...] = ()

    def __add__(self, other: Claimed) -> Claimed:
        return Claimed(
            self.claim_ids + other.claim_ids,
            self.payout_ids + other.payout_ids,
            self.waitlisted + other.waitlisted,
            self.without_account + other.without_account,
            self.excluded + other.excluded,
            self.superseded + other.superseded,
        )


class _Asked(NamedTuple):
    entitlement: int
    company: int
    policy: int
    version: int
    status: str
    version_status: str
    opens_on: date
    closes_on: date | None
    has_commitment: bool
    amount_cny: Decimal
    account: int | None
    is_undivided: bool
    fund: int | None
    is_blacklisted: bool

    def is_open(self, today: date) -> bool:
        """Whether it could be claimed on that day."""
        return (
            (self.status, self.version_status) == (EntitlementStatus.OPEN, VersionStatus.PUBLISHED)
            and self.opens_on <= today
            and (self.closes_on is None or today <= self.closes_on)
            and self.account is not None
            and not self.is_undivided
        )


@dataclass(frozen=True, slots=True)
class _Taken:
    """
    The rows of a claim, locked: what is asked for, and what wants the same places of stacking groups.

    `allowances` says by entitlement what each that is asked for and has an account is paid.
    """

    asked: list[_Asked]
    rivals: list[_Asked]
    allowances: dict[int, Allowance]
    is_stacked: bool

    @property
    def payable(self) -> list[_Asked]:
        return [row for row in self.asked if row.entitlement in self.allowances and not self.excludes(row)]

    @property
    def excluded(self) -> list[_Asked]:
        return [row for row in self.asked if self.excludes(row)]

    def excludes(self, row: _Asked) -> bool:
        return row.entitlement in self.allowances and self.allowances[row.entitlement].is_excluded


def claim(
    *,
    entitlement_ids: Sequence[int],
    company: Company | None,
    commitment: str,
    actor: User | None,
    now: datetime,
    shown_cny: Decimal | None = None,
) -> Claimed:
    """
    Turn open entitlements into payouts and reserve their money, all or none.

    With a company: what its owner clicked, in one transaction. Without: the platform claims for many
    companies, in transactions of `CHUNK` entitlements. `shown_cny` is the sum that the owner saw and clicked on.

    Where stacking groups leave less than the whole, less is paid. What they leave nothing for is refused to an owner,
    and passed over when the platform claims: then the outcome does not depend on the order.

    Raises:
        Excluded: another policy of a stacking group goes first; the sentence names it.
        NotEntitled: an entitlement is not this company's; its subclass `NotOpen` when it is, but not open now.
        AlreadyClaimed: a payout exists; the caller may show it instead.
        AmountChanged: the entitlements are not worth `shown_cny` any more.
        NotCommitted, Blacklisted: an owner has to sign a commitment and did not, or broke one.
    """
    claimed = Claimed()
    size = max(len(entitlement_ids), 1) if company else CHUNK
    for chunk in in_chunks(entitlement_ids, size):
        with transaction.atomic():
            taken = _taken(chunk, company, actor, localdate(now))
            if company is not None:
                _check_click(taken, commitment, shown_cny)
            claimed += _opened(taken, commitment, actor, now)
    return claimed


@transaction.atomic
def claim_automatic(*, limit: int, now: datetime) -> int:
    """
    Claim open entitlements of the automatic track, for which nobody has to click; returns how many.

    One whose payout a clerk cancelled waits for a click: claiming it again would undo the clerk's decision. One that
    pays less than what its owner may still click on waits, too.
    """
    after, today = 0, localdate(now)
    while due := _due_automatically(after, limit, now):
        stacked = stacking.grouped(entitlement_ids=due)
        # Rivals that somebody is claiming this moment are left to him; the seat decides between the two.
        rivals = _locked(_LOCK_FREE, _rivals(stacked, due), today)
        taken = _allowed(_locked(_LOCK, due, today), rivals, today, stacked)
        if opened := _opened(taken, "", None, now).payout_ids:
            return len(opened)
        after = due[-1]
    return 0


def _due_automatically(after: int, limit: int, now: datetime) -> list[int]:
    return first_column(
        f"""
        SELECT e.id FROM policies_entitlement e JOIN policies_policyversion v ON v.id = e.version_id
        {_ACCOUNTS}
        WHERE e.status = 'open' AND v.status = 'published' AND v.track = 'automatic' AND e.id > %(after)s
            AND v.opens_on <= %(today)s AND (v.closes_on IS NULL OR v.closes_on >= %(today)s)
            AND NOT EXISTS (SELECT FROM payouts_payout p WHERE p.entitlement_id = e.id)
            AND NOT EXISTS (
                SELECT FROM payouts_blacklisting l WHERE l.company_id = e.company_id AND l.lifted_at IS NULL
                AND %(today)s BETWEEN l.begins_on AND l.ends_on
            )
            AND (v.pool <> 'proportional' OR EXISTS (SELECT FROM policies_pooldivision d WHERE d.version_id = v.id))
            AND coalesce(of_company.id, of_employee.id, of_third.id) IS NOT NULL
        ORDER BY e.id LIMIT %(limit)s
        FOR NO KEY UPDATE OF e SKIP LOCKED
        """,  # noqa: S608 - a text of our own
        today=localdate(now),
        after=after,
        limit=limit,
    )


def _rivals(stacked: Collection[int], asked: Collection[int]) -> list[int]:
    """What else wants their places and is not asked for itself."""
    near = stacking.rivals(entitlement_ids=sorted(stacked)) if stacked else []
    return sorted(set(near) - set(asked))


def _taken(entitlement_ids: Sequence[int], company: Company | None, actor: User | None, today: date) -> _Taken:
    """The entitlements asked for and their rivals, all locked in the order of their ids, so that nobody hangs."""
    wanted, stacked = set(entitlement_ids), frozenset[int]()
    if not (rows := _locked(_LOCK_UNSTACKED, entitlement_ids, today)):
        stacked = stacking.grouped(entitlement_ids=entitlement_ids)
        rows = _locked(_LOCK, [*entitlement_ids, *_rivals(stacked, wanted)], today)
    asked = [row for row in rows if row.entitlement in wanted]
    _check_owner(asked, entitlement_ids, company, actor)
    if company is not None and any(row.is_blacklisted for row in asked):
        raise Blacklisted(blacklisted(company=company, on=today))
    _check_open(asked, today)
    return _allowed(asked, [row for row in rows if row.entitlement not in wanted], today, stacked)


def _locked(statement: LiteralString, entitlement_ids: Sequence[int], today: date) -> list[_Asked]:
    if not entitlement_ids:
        return []
    return [_Asked(*row) for row in fetched_by_size(statement, ids=list(entitlement_ids), today=today)]


# The account in use of whoever the version pays. As joins: asked whether there is one of three kinds, PostgreSQL may
# walk over all accounts of the city for each entitlement.
_ACCOUNTS: LiteralString = """
        LEFT JOIN companies_payeeaccount of_company
            ON v.payee = 'company' AND of_company.company_id = e.company_id AND of_company.is_active
        LEFT JOIN companies_payeeaccount of_employee
            ON v.payee = 'employee' AND of_employee.employee_id = e.employee_id AND of_employee.is_active
        LEFT JOIN companies_thirdparty t ON v.payee = 'third_party' AND t.code = e.payee_code
        LEFT JOIN companies_payeeaccount of_third ON of_third.third_party_id = t.id AND of_third.is_active
"""
_LOCK: LiteralString = f"""
        SELECT e.id, e.company_id, e.policy_id, e.version_id, e.status, v.status, v.opens_on, v.closes_on,
            v.commitment_zh <> '', e.amount_cny, coalesce(of_company.id, of_employee.id, of_third.id),
            v.pool = 'proportional' AND NOT EXISTS (SELECT FROM policies_pooldivision d WHERE d.version_id = v.id),
            f.id, EXISTS (
                SELECT FROM payouts_blacklisting l WHERE l.company_id = e.company_id AND l.lifted_at IS NULL
                AND %(today)s::date BETWEEN l.begins_on AND l.ends_on
            )
        FROM policies_entitlement e
        JOIN policies_policyversion v ON v.id = e.version_id
        LEFT JOIN payouts_fund f ON f.version_id = v.id
        {_ACCOUNTS}
        WHERE e.id = ANY(%(ids)s)
        ORDER BY e.id
        FOR NO KEY UPDATE OF e
"""  # noqa: S608 - a text of our own
_LOCK_FREE: LiteralString = f"{_LOCK} SKIP LOCKED"
# In one statement with the question whether any is stacked: what has no rivals needs no other's lock before its own.
_LOCK_UNSTACKED: LiteralString = _LOCK.replace(
    "ORDER BY",
    """AND NOT EXISTS (
            SELECT FROM policies_entitlement s JOIN policies_stackingmember m ON m.policy_id = s.policy_id
            JOIN policies_stackinggroup g ON g.id = m.group_id AND g.rule <> 'may_coexist'
            WHERE s.id = ANY(%(ids)s)
        )
        ORDER BY""",
)


def _allowed(asked: list[_Asked], rivals: list[_Asked], today: date, stacked: Collection[int]) -> _Taken:
    """What each is paid; the places of stacking groups stay locked until the transaction ends."""
    payable = [row for row in asked if row.account is not None]
    whole = {row.entitlement: Allowance(row.amount_cny) for row in payable}
    if not stacked:
        return _Taken(asked, rivals, whole, is_stacked=False)
    wanted = [Wanted(row.entitlement, row.policy, row.amount_cny) for row in payable if row.entitlement in stacked]
    near = [Wanted(row.entitlement, row.policy, row.amount_cny, is_asked=False) for row in rivals if row.is_open(today)]
    lock_seats(entitlement_ids=[each.entitlement_id for each in wanted])
    return _Taken(asked, rivals, whole | allowed(wanted=[*wanted, *near]), is_stacked=True)


def _check_owner(asked: Sequence[_Asked], wanted: Sequence[int], company: Company | None, actor: User | None) -> None:
    is_foreign = company is not None and any(row.company != company.pk for row in asked)
    if is_foreign or len(asked) < len(wanted):
        log.warning(
            "claim_of_somebody_elses_entitlement",
            company=company.pk if company else None,
            actor=actor.pk if actor else None,
            entitlements=len(wanted),
        )
        raise NotEntitled(_("There is no such entitlement for this company."))


def _check_click(taken: _Taken, commitment: str, shown_cny: Decimal | None) -> None:
    asked, allowances = taken.asked, taken.allowances
    if excluded := [allowances[row.entitlement] for row in taken.excluded]:
        raise Excluded(" ".join(sorted(set(sentences(limited=excluded).values()))))
    worth = (
        allowances[row.entitlement].amount_cny if row.entitlement in allowances else row.amount_cny for row in asked
    )
    if shown_cny is not None and _is_other(sum(worth), shown_cny, taken):
        raise AmountChanged(_("An amount changed since the page was shown. Look at the new sum and claim again."))
    if not commitment.strip() and any(row.has_commitment for row in asked):
        raise NotCommitted(_("Tick the commitment before you claim."))


def _is_other(worth_cny: Decimal | int, shown_cny: Decimal, taken: _Taken) -> bool:
    # What was unticked leaves more of a group's cap to the rest than the page could know.
    return worth_cny < shown_cny or (worth_cny > shown_cny and not taken.is_stacked)


def _check_open(asked: Sequence[_Asked], today: date) -> None:
    claimed = [row.entitlement for row in asked if row.status == EntitlementStatus.CLAIMED]
    if claimed and (payout_ids := _live_payouts(claimed)):
        raise AlreadyClaimed(_("This has been claimed already; here is its payout."), payout_ids=payout_ids)
    superseded = [row.entitlement for row in asked if row.status == EntitlementStatus.SUPERSEDED]
    if superseded:
        raise Excluded(_why_superseded(superseded))
    if any(row.status != EntitlementStatus.OPEN for row in asked):
        raise NotOpen(_("The facts changed since the page was shown: part of this cannot be claimed any more."))
    if paused := pauses(version_ids={row.version for row in asked if row.version_status == VersionStatus.SUSPENDED}):
        raise NotOpen(" ".join(pause.sentence for pause in paused))
    if any(row.version_status != VersionStatus.PUBLISHED for row in asked):
        raise NotOpen(_("The policy has been closed and cannot be claimed any more."))
    for row in asked:
        if today < row.opens_on:
            raise NotOpen(_("This can be claimed from %(day)s on.") % {"day": date_format(row.opens_on)})
        if row.closes_on and today > row.closes_on:
            raise NotOpen(_("This could be claimed until %(day)s.") % {"day": date_format(row.closes_on)})
    if any(row.is_undivided for row in asked):
        raise NotOpen(_("The money is still to be divided among everybody entitled; it can be claimed right after."))


def _live_payouts(entitlement_ids: Sequence[int]) -> list[int]:
    payouts = Payout.objects.filter(entitlement__in=entitlement_ids).exclude(status=Status.CANCELLED)
    return list(payouts.order_by("pk").values_list("pk", flat=True))


def _why_superseded(entitlement_ids: Sequence[int]) -> str:
    wanted = Entitlement.objects.filter(pk__in=entitlement_ids).values_list("pk", "policy_id", "amount_cny")
    found = allowed(wanted=[Wanted(*row) for row in wanted])
    limited = [allowance for allowance in found.values() if allowance.is_excluded]
    # A seat given back a moment ago excludes nothing any more, but the facts are still to be decided anew.
    return " ".join(sorted(set(map(str, sentences(limited=limited).values())))) or _("This is being decided anew.")


def _opened(taken: _Taken, commitment: str, actor: User | None, now: datetime) -> Claimed:
    payable, excluded = taken.payable, tuple(row.entitlement for row in taken.excluded)
    without_account = tuple(row.entitlement for row in taken.asked if row.account is None)
    if not payable:
        superseded = stacking.supersede(entitlement_ids=excluded) if excluded else []
        return Claimed(without_account=without_account, excluded=excluded, superseded=tuple(superseded))
    if unfunded := {row.version for row in payable if row.fund is None}:
        open_funds(version_ids=unfunded, now=now)
    claims, payouts = insert_payouts(
        entitlements=[row.entitlement for row in payable],
        accounts=[row.account for row in payable],
        amounts_cny=[taken.allowances[row.entitlement].amount_cny for row in payable],
        commitment=commitment,
        actor=actor,
        now=now,
    )
    # The funds are held from here on, so this comes last.
    waiting = reserve(payouts=payouts, now=now)
    losing = [*excluded, *(row.entitlement for row in taken.rivals)]
    superseded = stacking.supersede(entitlement_ids=losing) if losing else []
    if actor is None:
        nudge("payouts.tasks.send_due", queue="pay")
    else:
        nudge_from_page("payouts.tasks.send_clicked", queue="click")
    return Claimed(tuple(claims), tuple(payouts), tuple(sorted(waiting)), without_account, excluded, tuple(superseded))
