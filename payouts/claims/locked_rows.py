"""Locks the entitlements that clicks ask for, and their rivals at the same seats of stacking groups."""

# ruff: noqa: S608 - what is put into these statements are texts of our own.
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import LiteralString, NamedTuple

from payouts.offers.claimable import ACCOUNT, OBSTACLE, RIGHTS
from payouts.offers.seats import SeatRequest
from policies.stacking.allowances import SeatKey
from policies.stacking.seat_keys import find_rivals, find_seat_keys, stacked_entitlement_ids
from qinqing.kernel.database.prepared_statements import Statement, fetch_rows_together


class ClaimRow(NamedTuple):
    """
    One entitlement with columns of its version and its payee: ids, and the amount before stacking groups.

    `persons` are the two of a couple. `obstacle` is the code of the first reason why the entitlement cannot
    be claimed.
    """

    entitlement: int
    company: int
    policy: int
    version: int
    period_key: str
    persons: list[int] | None
    opens_on: date
    closes_on: date | None
    has_commitment: bool
    amount_cny: Decimal
    account: int | None
    fund: int | None
    is_stacked: bool
    obstacle: str | None

    @property
    def is_claimable(self) -> bool:
        """Whether the entitlement has no obstacle."""
        return self.obstacle is None

    @property
    def seat_request(self) -> SeatRequest:
        """The request for seats in stacking groups."""
        return SeatRequest(self.entitlement, self.policy, self.amount_cny)


@dataclass(frozen=True)
class LockedRows:
    """
    The rows, by id, that stay locked until the transaction ends: those that clicks ask for, and their rivals.

    `held_elsewhere` are rivals that another transaction holds; `seat_keys` name the seats of all stacked entitlements.
    """

    asked: Mapping[int, ClaimRow]
    rivals: Mapping[int, ClaimRow] = field(default_factory=dict)
    held_elsewhere: frozenset[int] = frozenset()
    seat_keys: Mapping[int, tuple[SeatKey, ...]] = field(default_factory=dict)

    @cached_property
    def ids_at(self) -> Mapping[SeatKey, Sequence[int]]:
        """The entitlements that want each seat."""
        found: dict[SeatKey, list[int]] = defaultdict(list)
        for entitlement, wanted in self.seat_keys.items():
            for key in wanted:
                found[key].append(entitlement)
        return found

    def ids_beside(self, rows: Iterable[ClaimRow]) -> frozenset[int]:
        """The entitlements that want a seat of these rows, the rows' own entitlements included."""
        if not self.seat_keys:
            return frozenset()
        at = {key for row in rows for key in self.seat_keys.get(row.entitlement, ())}
        return frozenset(each for key in at for each in self.ids_at[key])


_IS_STACKED: LiteralString = """EXISTS (
            SELECT FROM policies_stackingmember m
            JOIN policies_stackinggroup g ON g.id = m.group_id AND g.rule <> 'may_coexist'
            WHERE m.policy_id = {policy})"""
_LOCK_WHERE: LiteralString = f"""
        SELECT e.id AS entitlement, e.company_id AS company, e.policy_id AS policy, e.version_id AS version,
            e.period_key, e.persons, v.opens_on, v.closes_on, v.commitment_zh <> '' AS has_commitment, e.amount_cny,
            {ACCOUNT} AS account, f.id AS fund, {_IS_STACKED.format(policy="e.policy_id")} AS is_stacked,
            {OBSTACLE} AS obstacle
        FROM {RIGHTS}
        LEFT JOIN payouts_fund f ON f.version_id = v.id
        WHERE e.id = ANY(%(ids)s)
"""
_IN_ORDER: LiteralString = """
        ORDER BY e.id
        FOR NO KEY UPDATE OF e
"""
_LOCK: LiteralString = f"{_LOCK_WHERE}{_IN_ORDER}"
_LOCK_FREE: LiteralString = f"{_LOCK} SKIP LOCKED"
# The lock and the question whether any row is stacked are one statement: rows without rivals are locked at once, but
# stacked rows only together with their rivals, in the order of all ids.
_ANY_OF_THEM: LiteralString = "ANY(ARRAY(SELECT s.policy_id FROM policies_entitlement s WHERE s.id = ANY(%(ids)s)))"
_LOCK_UNSTACKED: LiteralString = f"{_LOCK_WHERE} AND NOT {_IS_STACKED.format(policy=_ANY_OF_THEM)}{_IN_ORDER}"
_PATIENCE: LiteralString = "SELECT set_config('lock_timeout', %(patience)s, true)"


def lock_free(entitlement_ids: Sequence[int], today: date, *, patience_ms: int | None) -> LockedRows:
    """
    Lock those of the entitlements and of their rivals that no other transaction holds.

    With `patience_ms`, the rest of the transaction waits no longer than this for any lock.
    """
    statement = _statement(_LOCK_FREE, entitlement_ids, today)
    if patience_ms is None:
        asked = _index_by_id(fetch_rows_together(statement)[0])
    else:
        patience = Statement(_PATIENCE, {"patience": f"{patience_ms}ms"})
        asked = _index_by_id(fetch_rows_together(patience, statement)[1])
    stacked = [row.entitlement for row in asked.values() if row.is_stacked]
    if not stacked:
        return LockedRows(asked)
    wanted = sorted(set(find_rivals(entitlement_ids=stacked)) - set(asked))
    rivals = _lock_rows(_LOCK_FREE, wanted, today)
    return LockedRows(asked, rivals, frozenset(wanted).difference(rivals), _find_seat_keys([*stacked, *wanted]))


def lock_waiting(entitlement_ids: Sequence[int], today: date) -> LockedRows:
    """Lock all of the entitlements and their rivals, as long as it takes; the order of ids prevents deadlocks."""
    if asked := _lock_rows(_LOCK_UNSTACKED, entitlement_ids, today):
        return LockedRows(asked)
    stacked = stacked_entitlement_ids(entitlement_ids=entitlement_ids)
    rivals = sorted(set(find_rivals(entitlement_ids=sorted(stacked))) - set(entitlement_ids)) if stacked else []
    rows = _lock_rows(_LOCK, [*entitlement_ids, *rivals], today)
    wanted = set(entitlement_ids)
    return LockedRows(
        asked={each: row for each, row in rows.items() if each in wanted},
        rivals={each: row for each, row in rows.items() if each not in wanted},
        seat_keys=_find_seat_keys([*stacked, *rivals]) if stacked else {},
    )


def _find_seat_keys(entitlement_ids: Iterable[int]) -> Mapping[int, tuple[SeatKey, ...]]:
    found: dict[int, list[SeatKey]] = defaultdict(list)
    for each in find_seat_keys(entitlement_ids=sorted(entitlement_ids)):
        found[each.entitlement_id].append(each.key)
    return {entitlement: tuple(at) for entitlement, at in found.items()}


def _lock_rows(statement: LiteralString, entitlement_ids: Sequence[int], today: date) -> dict[int, ClaimRow]:
    if not entitlement_ids:
        return {}
    return _index_by_id(fetch_rows_together(_statement(statement, entitlement_ids, today))[0])


def _statement(text: LiteralString, entitlement_ids: Sequence[int], today: date) -> Statement:
    return Statement(text, {"ids": list(entitlement_ids), "today": today}, ClaimRow)


def _index_by_id(rows: Iterable[ClaimRow]) -> dict[int, ClaimRow]:
    return {row.entitlement: row for row in rows}
