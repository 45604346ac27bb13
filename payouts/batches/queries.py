"""Queries on batches: their lines, the payouts that wait for one, and the state of their payouts."""

# ruff: noqa: S608 - what is put into these statements are conditions of our own.
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import LiteralString

from companies.firms.usable_accounts import select_unusable_accounts
from companies.models import User
from companies.people.scope import narrow, scope_of
from payouts.batch_states import BatchStatus
from payouts.models import Batch, Fund, Instruction
from payouts.models.banks.attempts import IS_IN_A_SEALED_BATCH, PAID_THOUGH_CANCELLED
from payouts.states import Status
from qinqing.kernel.database.statements import fetch_rows, fetch_rows_as

# The condition that the payout p waits for a batch.
_IS_WAITING: LiteralString = f"""p.status = 'approved' AND NOT {IS_IN_A_SEALED_BATCH.format(payout="p.id")}
            AND p.entitlement_id NOT IN ({PAID_THOUGH_CANCELLED})"""
# The condition that the fund's open batch collects the payout p.
IS_COLLECTED: LiteralString = f"""p.fund_id = %(fund)s AND p.moved_at <= %(until)s AND {_IS_WAITING}
            AND p.account_id NOT IN ({select_unusable_accounts("%(until)s")})"""


@dataclass(frozen=True, slots=True)
class BatchTotals:
    """The number of lines of a batch, and their sum in yuan."""

    count: int
    total_cny: Decimal


@dataclass(frozen=True, slots=True)
class WaitingFund:
    """A fund whose approved payouts wait for a file; `open_batch` is the id of the batch that collects them, if any."""

    fund: int
    policy: str
    bank: str
    count: int
    total_cny: Decimal
    open_batch: int | None


@dataclass(frozen=True, slots=True)
class StatusCount:
    """The number of a batch's lines whose payouts have one status, and their sum in yuan."""

    status: Status
    count: int
    total_cny: Decimal


def sum_lines(*, batch: Batch) -> BatchTotals:
    """Count the lines of a batch: for an open batch, those that a seal would fix now; none for a discarded one."""
    if batch.status == BatchStatus.DISCARDED:
        return BatchTotals(0, Decimal(0))
    if batch.line_count is not None and batch.control_sum_cny is not None:
        return BatchTotals(batch.line_count, batch.control_sum_cny)
    (found,) = fetch_rows_as(
        BatchTotals,
        f"""
        SELECT count(*) AS count, coalesce(sum(p.amount_cny), 0) AS total_cny FROM payouts_payout p WHERE {IS_COLLECTED}
        """,
        fund=batch.fund_id,
        until=batch.collects_until,
    )
    return found


def find_waiting_funds(*, user: User) -> Sequence[WaitingFund]:
    """List the funds of the person's scope that are paid by files and have an open batch or waiting payouts."""
    # f is the fund, k its bank, v the version, y the policy, w the waiting payouts, o the open batch.
    return fetch_rows_as(
        WaitingFund,
        f"""
        SELECT f.id AS fund, y.code || ' v' || v.number AS policy, k.name AS bank, w.count, w.total_cny,
            o.id AS open_batch
        FROM payouts_fund f
        JOIN payouts_bank k ON k.id = f.bank_id AND k.channel = 'file'
        JOIN policies_policyversion v ON v.id = f.version_id
        JOIN policies_policy y ON y.id = v.policy_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS count, coalesce(sum(p.amount_cny), 0) AS total_cny FROM payouts_payout p
            WHERE p.fund_id = f.id AND {_IS_WAITING}
        ) w
        LEFT JOIN payouts_batch o ON o.fund_id = f.id AND o.bank_id = k.id AND o.status = 'open'
        WHERE (w.count > 0 OR o.id IS NOT NULL) AND (%(funds)s::bigint[] IS NULL OR f.id = ANY(%(funds)s))
        ORDER BY y.code, v.number
        """,
        funds=_funds_of(user),
    )


def count_funds_without_batch(*, user: User) -> int:
    """Count the funds of the person's scope with approved payouts that wait for a file, but without an open batch."""
    ((count,),) = fetch_rows(
        f"""
        SELECT count(*) FROM payouts_fund f JOIN payouts_bank k ON k.id = f.bank_id AND k.channel = 'file'
        WHERE NOT EXISTS (
            SELECT FROM payouts_batch o WHERE o.fund_id = f.id AND o.bank_id = k.id AND o.status = 'open'
        ) AND EXISTS (SELECT FROM payouts_payout p WHERE p.fund_id = f.id AND {_IS_WAITING})
            AND (%(funds)s::bigint[] IS NULL OR f.id = ANY(%(funds)s))
        """,
        funds=_funds_of(user),
    )
    return int(count)


def _funds_of(user: User) -> list[int] | None:
    """The funds of a district or a department, of which there are few; None for the whole city."""
    if scope_of(user).is_whole:
        return None
    return list(narrow(Fund.objects.all(), user=user).values_list("pk", flat=True))


def count_replaced_accounts(*, batch_id: int) -> int:
    """Count the lines of a sealed batch whose account the payee has replaced since."""
    lines = Instruction.objects.filter(batch=batch_id, account__is_active=False)
    return lines.count()


def count_lines_by_status(*, batch: Batch) -> Sequence[StatusCount]:
    """Count a sealed batch's lines by the present status of their payouts, even if a payout was sent again."""
    return fetch_rows_as(
        _make_status_count,
        """
        SELECT p.status, count(*) AS count, sum(i.amount_cny) AS total_cny FROM payouts_instruction i
        JOIN payouts_payout p ON p.id = i.payout_id
        WHERE i.batch_id = %(batch)s GROUP BY p.status ORDER BY p.status
        """,
        batch=batch.pk,
    )


def _make_status_count(*, status: str, count: int, total_cny: Decimal) -> StatusCount:
    return StatusCount(Status(status), count, total_cny)
