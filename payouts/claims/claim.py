"""The click: entitlements become payouts, and their money is reserved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localdate

from companies.models import Company, User
from payouts.claims.insert import Opened, Signature, insert_payouts
from payouts.claims.locked_rows import (
    ACCOUNTS,
    IS_BLACKLISTED,
    IS_TAKEN,
    IS_UNDECIDED,
    IS_UNDIVIDED,
    LOCK,
    LOCK_FREE,
    LOCK_UNSTACKED,
    Held,
    hold,
    locked,
    rivals_of,
)
from payouts.claims.refusals import Blacklisted, check_click, check_open, check_owner, claim_transaction
from payouts.claims.reserve import reserve
from payouts.ledger.blacklist import blacklisted
from payouts.ledger.funds import open_funds
from policies.stacking.places import stacked_entitlement_ids, supersede
from qinqing.kernel.database.statements import fetched, first_column, in_chunks
from qinqing.kernel.nudges import nudge, nudge_from_page

# Rows of one transaction: enough to be fast, few enough that a fund is not locked for long.
CHUNK = 20_000


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


def claim_entitlements(
    *,
    entitlement_ids: Sequence[int],
    company: Company | None,
    commitment: str,
    actor: User | None,
    now: datetime,
    shown_cny: Decimal | None = None,
    read: Collection[int] | None = None,
) -> Claimed:
    """
    Turn open entitlements into payouts and reserve their money, all or none.

    With a company: what its owner clicked, in one transaction. Without: the platform claims for many
    companies, in transactions of `CHUNK` entitlements. `shown_cny` is the sum that the owner saw and clicked on, and
    `read` are the versions whose commitments make up `commitment`: what is claimed must be of these once it is locked.

    Where stacking groups leave less than the whole, less is paid. What they leave nothing for is refused to an owner,
    and passed over when the platform claims: then the outcome does not depend on the order.

    Raises:
        Excluded: another policy of a stacking group goes first; the sentence names it.
        NotEntitled: an entitlement is not this company's; its subclass `NotOpen` when it is, but not open now.
        AlreadyClaimed: a payout exists; the caller may show it instead.
        AmountChanged, CommitmentChanged: the entitlements are not worth `shown_cny` any more, or not of what was
            `read`.
        NotCommitted, Blacklisted: an owner has to sign a commitment and did not, or broke one.
    """
    claimed = Claimed()
    size = max(len(entitlement_ids), 1) if company else CHUNK
    for chunk in in_chunks(entitlement_ids, size):
        with claim_transaction():
            held = _held(chunk, company, actor, localdate(now))
            if company is not None:
                check_click(held, commitment, shown_cny, read)
            claimed += _opened(held, commitment, actor, now)
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
        asked = _once_per_person(due)
        stacked = stacked_entitlement_ids(entitlement_ids=asked)
        # Rivals that somebody is claiming this moment are left to him; the seat decides between the two.
        rivals = locked(LOCK_FREE, rivals_of(stacked=stacked, asked=asked), today)
        held = hold(locked(LOCK, asked, today), rivals, today, stacked)
        if opened := _opened(held, "", None, now).payout_ids:
            return len(opened)
        after = due[-1]
    return 0


def _due_automatically(after: int, limit: int, now: datetime) -> list[int]:
    return first_column(
        f"""
        SELECT e.id FROM policies_entitlement e JOIN policies_policyversion v ON v.id = e.version_id
        {ACCOUNTS}
        WHERE e.status = 'open' AND v.status = 'published' AND v.track = 'automatic' AND e.id > %(after)s
            AND v.opens_on <= %(today)s AND (v.closes_on IS NULL OR v.closes_on >= %(today)s)
            AND NOT {IS_UNDECIDED}
            AND NOT {IS_TAKEN}
            -- Two questions, for each has an index of its own.
            AND NOT EXISTS (SELECT FROM payouts_payout p WHERE p.entitlement_id = e.id AND p.status = 'cancelled')
            AND NOT EXISTS (SELECT FROM payouts_payout p WHERE p.entitlement_id = e.id AND p.status <> 'cancelled')
            AND NOT {IS_BLACKLISTED}
            AND NOT {IS_UNDIVIDED}
            AND coalesce(of_company.id, of_employee.id, of_third.id) IS NOT NULL
        ORDER BY e.id LIMIT %(limit)s
        FOR NO KEY UPDATE OF e SKIP LOCKED
        """,  # noqa: S608 - a text of our own
        today=localdate(now),
        after=after,
        limit=limit,
    )


def _once_per_person(due: Sequence[int]) -> list[int]:
    """These without what shares a person with one before it, which matching will withdraw."""
    rows = fetched(
        """
        SELECT id, policy_id, period_key, persons FROM policies_entitlement
        WHERE id = ANY(%(ids)s) AND persons IS NOT NULL ORDER BY id
        """,
        ids=list(due),
    )
    served: set[tuple[int, str, int]] = set()
    second: set[int] = set()
    for entitlement, policy, period, persons in rows:
        theirs = {(policy, period, person) for person in persons}
        if served.isdisjoint(theirs):
            served |= theirs
        else:
            second.add(entitlement)
    return [each for each in due if each not in second]


def _held(entitlement_ids: Sequence[int], company: Company | None, actor: User | None, today: date) -> Held:
    """The entitlements asked for and their rivals, all locked in the order of their ids, so that nobody hangs."""
    wanted, stacked = set(entitlement_ids), frozenset[int]()
    if not (rows := locked(LOCK_UNSTACKED, entitlement_ids, today)):
        stacked = stacked_entitlement_ids(entitlement_ids=entitlement_ids)
        rows = locked(LOCK, [*entitlement_ids, *rivals_of(stacked=stacked, asked=wanted)], today)
    asked = [row for row in rows if row.entitlement in wanted]
    check_owner(asked, entitlement_ids, company, actor)
    if company is not None and any(row.is_blacklisted for row in asked):
        raise Blacklisted(blacklisted(company=company, on=today))
    check_open(asked, today)
    return hold(asked, [row for row in rows if row.entitlement not in wanted], today, stacked)


def _opened(held: Held, commitment: str, actor: User | None, now: datetime) -> Claimed:
    payable, excluded = held.payable, tuple(row.entitlement for row in held.excluded)
    without_account = tuple(row.entitlement for row in held.asked if row.account is None)
    if not payable:
        superseded = supersede(entitlement_ids=excluded) if excluded else []
        return Claimed(without_account=without_account, excluded=excluded, superseded=tuple(superseded))
    if unfunded := {row.version for row in payable if row.fund is None}:
        open_funds(version_ids=unfunded, now=now)
    companies, by = {row.company for row in payable}, actor.pk if actor else None
    signed = [Signature(each, by, commitment, now) for each in companies]
    opened = insert_payouts(opening=held.opening, signed=signed, now=now)
    # The funds are held from here on, so this comes last.
    waiting = reserve(payouts=[each.payout for each in opened], now=now)
    losing = [*excluded, *(row.entitlement for row in held.rivals)]
    superseded = supersede(entitlement_ids=losing) if losing else []
    if actor is None:
        nudge("payouts.tasks.send_due")
    else:
        nudge_from_page("payouts.tasks.send_clicked")
    return replace(
        claimed_by(opened=opened, waiting=waiting),
        without_account=without_account,
        excluded=excluded,
        superseded=tuple(superseded),
    )


def claimed_by(*, opened: Sequence[Opened], waiting: Sequence[int]) -> Claimed:
    """What these payouts are to whoever claimed them."""
    payouts = [each.payout for each in opened]
    waitlisted = sorted(set(waiting).intersection(payouts))
    return Claimed(tuple(sorted({each.claim for each in opened})), tuple(payouts), tuple(waitlisted))
