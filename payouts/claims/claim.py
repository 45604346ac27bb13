"""
Claiming: entitlements become payouts, and the payouts reserve their money.

A claim is a set of clicks, each with its own outcome; one click is a set of one. If a transaction cannot decide a set
of clicks, the set is halved, down to one click alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

import structlog
from django.db import DatabaseError
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from payouts.claims.clicks import Claimed, Click
from payouts.claims.insert import OpenedPayout, Signature, insert_payouts
from payouts.claims.locked_claims import LockedClaim, Round, check_terms, choose_round, decide_allowances
from payouts.claims.locked_rows import LockedRows, lock_free, lock_waiting
from payouts.claims.refusals import ClaimRefused, Contended, claim_transaction
from payouts.claims.reserve import reserve
from payouts.ledger.funds import open_funds
from policies.stacking.seat_keys import supersede
from qinqing.kernel.nudges import nudge, nudge_from_page

log = structlog.get_logger()

# The entitlements of one transaction: enough to be fast, few enough to lock a fund only briefly.
CHUNK = 20_000

Outcome = Claimed | ClaimRefused
# Clicks and their outcomes, by their number in the set.
Clicks = Mapping[int, Click]
Outcomes = dict[int, Outcome]


def claim(*, clicks: Sequence[Click], now: datetime, patience_ms: int | None = None) -> list[Outcome]:
    """
    Turn open entitlements into payouts and reserve their money, all or none for each click; return each click's
    outcome.

    A stacking group may leave a part of the amount, which is then paid, or nothing. An owner's click for nothing is
    refused; the platform's own click skips the entitlement, so that the outcome does not depend on the order.

    A click waits for locks that other transactions hold, without delaying the other clicks of the set. With
    `patience_ms` the set waits no longer than this for any lock, and clicks that are undecided by then are refused as
    `Contended`.
    """
    outcomes: Outcomes = {}
    for chunk in _split_into_chunks(clicks):
        outcomes |= _claim_at_once(chunk, now, patience_ms) if patience_ms is not None else _claim_all(chunk, now)
    return [outcomes[number] for number in range(len(clicks))]


def _split_into_chunks(clicks: Sequence[Click]) -> Iterator[Clicks]:
    chunk: dict[int, Click] = {}
    size = 0
    for number, click in enumerate(clicks):
        size += len(click.entitlement_ids)
        if chunk and size > CHUNK:
            yield chunk
            chunk, size = {}, len(click.entitlement_ids)
        chunk[number] = click
    if chunk:
        yield chunk


def _claim_at_once(due: Clicks, now: datetime, patience_ms: int) -> Outcomes:
    try:
        outcomes = _claim_round(due, now, patience_ms=patience_ms)
    except (DatabaseError, ClaimRefused) as failed:
        log.info("clicks_not_decided_together", clicks=len(due), reason=type(failed).__name__)
        outcomes = {}
    left = Contended(_("Somebody else is claiming this at this moment. Try again in a minute."))
    return {number: outcomes.get(number, left) for number in due}


def _claim_all(due: Clicks, now: datetime) -> Outcomes:
    outcomes: Outcomes = {}
    while due:
        try:
            decided = _claim_round(due, now) or _claim_first(due, now)
        except (DatabaseError, ClaimRefused):
            if len(due) == 1:
                return outcomes | _claim_first(due, now)
            half = len(due) // 2
            first, second = dict(islice(due.items(), half)), dict(islice(due.items(), half, None))
            return outcomes | _claim_all(first, now) | _claim_all(second, now)
        outcomes |= decided
        due = {number: click for number, click in due.items() if number not in decided}
    return outcomes


def _claim_first(due: Clicks, now: datetime) -> Outcomes:
    """Claim the first click alone, however long its locks take."""
    number, click = next(iter(due.items()))
    try:
        return _claim_round({number: click}, now, waits=True)
    except ClaimRefused as refusal:
        return {number: refusal}


def _claim_round(due: Clicks, now: datetime, *, waits: bool = False, patience_ms: int | None = None) -> Outcomes:
    """Decide in one transaction the clicks that can be decided together; a click that is left out gets no outcome."""
    today = localdate(now)
    ids = sorted({each for click in due.values() for each in click.entitlement_ids})
    with claim_transaction():
        locked = lock_waiting(ids, today) if waits else lock_free(ids, today, patience_ms=patience_ms)
        chosen = choose_round(due, locked, today, waits=waits)
        decide_allowances(chosen.claims, locked)
        agreed = _check_terms(chosen)
        return {**agreed.refused, **_open_payouts(agreed.claims, locked, now)}


def _check_terms(chosen: Round) -> Round:
    claims, refused = [], dict(chosen.refused)
    for claim_ in chosen.claims:
        try:
            if claim_.click.is_by_owner:
                check_terms(claim_)
        except ClaimRefused as refusal:
            refused[claim_.number] = refusal
        else:
            claims.append(claim_)
    return Round(claims, refused)


def _open_payouts(claims: Sequence[LockedClaim], locked: LockedRows, now: datetime) -> Outcomes:
    opened: dict[int, list[OpenedPayout]] = defaultdict(list)
    for each in _insert_claims(claims, now):
        opened[each.company].append(each)
    payouts = [each.payout for own in opened.values() for each in own]
    # `reserve` locks the funds until the transaction ends, so it comes last.
    waiting = frozenset(reserve(payouts=payouts, now=now)) if payouts else frozenset()
    superseded = _supersede(claims, locked)
    _nudge_senders(claims, opened)
    return {
        each.number: _make_outcome(each, opened[each.click.company_id], waiting, locked, superseded) for each in claims
    }


def _insert_claims(claims: Sequence[LockedClaim], now: datetime) -> list[OpenedPayout]:
    new_payouts = [each for claim_ in claims for each in claim_.new_payouts]
    if not new_payouts:
        return []
    opened = {each.entitlement for each in new_payouts}
    rows = [row for claim_ in claims for row in claim_.rows if row.entitlement in opened]
    if unfunded := {row.version for row in rows if row.fund is None}:
        open_funds(version_ids=unfunded, now=now)
    companies = {row.company for row in rows}
    clicks = [claim_.click for claim_ in claims if claim_.click.company_id in companies]
    signed = [Signature(each.company_id, each.actor_id, each.commitment, each.now) for each in clicks]
    return insert_payouts(new_payouts=new_payouts, signed=signed, now=now)


def _supersede(claims: Sequence[LockedClaim], locked: LockedRows) -> frozenset[int]:
    """Mark the entitlements for which nothing is left now, those of other clicks in the set included."""
    excluded = [row.entitlement for claim_ in claims for row in claim_.excluded]
    beside = {each for claim_ in claims if claim_.new_payouts for each in locked.ids_beside(claim_.rows)}
    losing = sorted(beside.union(excluded))
    return frozenset(supersede(entitlement_ids=losing)) if losing else frozenset()


def _nudge_senders(claims: Sequence[LockedClaim], opened: Mapping[int, Sequence[OpenedPayout]]) -> None:
    clicked = {each.click.is_by_owner for each in claims if opened[each.click.company_id]}
    if True in clicked:
        nudge_from_page("payouts.tasks.send_clicked")
    if False in clicked:
        nudge("payouts.tasks.send_due")


def _make_outcome(
    of: LockedClaim,
    opened: Sequence[OpenedPayout],
    waiting: frozenset[int],
    locked: LockedRows,
    superseded: frozenset[int],
) -> Claimed:
    payouts = tuple(each.payout for each in opened)
    excluded = tuple(row.entitlement for row in of.excluded)
    return Claimed(
        claim_ids=tuple(sorted({each.claim for each in opened})),
        payout_ids=payouts,
        waitlisted=tuple(sorted(waiting.intersection(payouts))),
        without_account=of.without_account,
        excluded=excluded,
        superseded=tuple(sorted(superseded.intersection(locked.ids_beside(of.rows).union(excluded)))),
    )
