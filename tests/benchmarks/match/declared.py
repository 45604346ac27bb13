"""The same rules over datasets that ship and over declared copies with the same rows, matched in turn."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from django.db import connection
from django.utils import timezone
from psycopg.sql import SQL, Composable, Identifier

from companies.contracts.contract import Contract
from companies.contracts.declare import declare_contract, read_draft
from companies.contracts.registry import contracts
from companies.contracts.write import write_contract
from companies.models import Delivery, User
from policies.matching.run import ask_for_runs
from policies.models import MatchedDelivery, MatchRun, PolicyVersion
from qinqing.demo.policies.form import DemoPolicy
from qinqing.demo.policies.loading import load_policies
from qinqing.demo.policies.twenty import POLICIES
from qinqing.kernel.database.statements import fetch_rows
from tests.benchmarks.city import BenchCity
from tests.benchmarks.match import tables
from tests.benchmarks.match.workers import PROCESSES, in_processes, match_everything
from tests.benchmarks.parts import Say
from tests.benchmarks.processors import Spent

ROUNDS = 5
# Together these rules pick a row by its key, compare several rows, and count over many.
_CODES = ("P-07", "P-14", "P-37")
_DATASETS = ("output", "insurance_year", "utilities")
_COPIED = "copied_"
# What a verdict says beside the policy and the sources of its facts.
_SAID = "subject_key, period_key, company_id, district, amount_cny, as_of_on"


@dataclass(frozen=True, slots=True)
class Compared:
    """The times of all rounds over each kind of dataset, and how many verdicts differ."""

    shipped: tuple[Spent, ...]
    declared: tuple[Spent, ...]
    entitlements: int
    different: int

    def ratio(self, measure: str) -> float:
        """The median over declared datasets, divided by that over those that ship."""
        declared, shipped = (median(getattr(each, measure) for each in of) for of in (self.declared, self.shipped))
        return float(declared / max(shipped, 0.01))


def compare(city: BenchCity, say: Say) -> Compared:
    """Declare the copies, publish each rule over both kinds, and match the two in turn from nothing."""
    _declare_copies(city.users["admin"], timezone.now())
    kinds = {"ships": _publish(city, copied=False), "is declared": _publish(city, copied=True)}
    MatchRun.objects.filter(finished_at=None).update(finished_at=timezone.now())
    spent: dict[str, list[Spent]] = {kind: [] for kind in kinds}
    for turn in range(ROUNDS):
        # Each kind is as often the first of a round as the other, give or take one.
        for kind in sorted(kinds, reverse=turn % 2 == 1):
            tables.empty(tables.OURS)
            spent[kind].append(_match(kinds[kind]))
            say(f"over what {kind}: {spent[kind][-1].seconds:.2f} s")
    # The entitlements of one kind were deleted before the other was matched; now both are there.
    for versions in kinds.values():
        _match(versions)
    return Compared(
        shipped=tuple(spent["ships"]),
        declared=tuple(spent["is declared"]),
        entitlements=tables.count_entitlements(tables.OURS, kinds["is declared"])[0],
        different=_count_differences(*kinds.values()),
    )


def _match(versions: Sequence[PolicyVersion]) -> Spent:
    ask_for_runs(versions=versions, now=timezone.now())
    return in_processes(match_everything, range(PROCESSES))


def _declare_copies(actor: User, now: dt.datetime) -> None:
    for name in _DATASETS:
        shipped = contracts()[name]
        # No two datasets call one of their rows the same.
        copy = replace(shipped, name=_COPIED + name, item="")
        declare_contract(draft=read_draft(text=write_contract(copy), actor=actor), actor=actor, now=now)
        _copy_rows(shipped, copy)
        _copy_newest_delivery(shipped, copy, now)


def _copy_rows(shipped: Contract, copy: Contract) -> None:
    stored = [each.name for each in shipped.facts if each.derived is None]
    names = SQL(", ").join(map(Identifier, ("id", *shipped.owners, "delivery_id", *stored)))
    source, target = Identifier(shipped.table), Identifier(copy.table)
    # The rows lie in the same order on disk.
    statement = SQL("INSERT INTO {} ({}) SELECT {} FROM {} ORDER BY ctid").format(target, names, names, source)
    for each in (statement, *(SQL("VACUUM ANALYZE {}").format(table) for table in (source, target))):
        _execute(each)


def _execute(statement: Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))


def _copy_newest_delivery(shipped: Contract, copy: Contract, now: dt.datetime) -> None:
    """Without a delivery, data that may be so and so old would count as too old."""
    delivery = Delivery.objects.filter(dataset=shipped.name).order_by("-as_of_on", "-pk")[0]
    delivery.pk, delivery._state.adding = None, True
    delivery.dataset, delivery.delivery_id = copy.name, f"{_COPIED}{delivery.delivery_id}"
    delivery.save(force_insert=True)
    MatchedDelivery.objects.create(delivery=delivery, matched_at=now)


def _publish(city: BenchCity, *, copied: bool) -> list[PolicyVersion]:
    known: Mapping[str, DemoPolicy] = {policy.code: policy for policy in POLICIES}
    wanted = [_policy(known[code], copied=copied) for code in _CODES]
    return load_policies(
        actor=city.users["officer"],
        publisher=city.users["officer2"],
        today=city.today,
        now=timezone.now(),
        wanted=wanted,
    )


def _policy(policy: DemoPolicy, *, copied: bool) -> DemoPolicy:
    """The policy under another code, over the copies if that is wanted; its examples name the shipped datasets."""
    return replace(
        policy,
        code=f"{policy.code}-{'declared' if copied else 'ships'}",
        clauses=tuple(replace(clause, feel=_rule(clause.feel, copied=copied)) for clause in policy.clauses),
        amount_feel=_rule(policy.amount_feel, copied=copied),
        examples=(),
    )


def _rule(feel: str, *, copied: bool) -> str:
    return re.sub(rf"\b({'|'.join(_DATASETS)})(?=\[)", rf"{_COPIED}\1", feel) if copied else feel


def _count_differences(one: Sequence[PolicyVersion], other: Sequence[PolicyVersion]) -> int:
    """The number of verdicts of a policy that its counterpart has not."""
    said = f"SELECT {_SAID} FROM {tables.OURS} WHERE policy_id = "
    count = (
        f"SELECT count(*) FROM (({said} %(one)s EXCEPT ALL {said} %(other)s)"
        f" UNION ALL ({said} %(other)s EXCEPT ALL {said} %(one)s)) AS different"
    )
    pairs = zip(one, other, strict=True)
    return sum(fetch_rows(count, one=each.policy_id, other=its.policy_id)[0][0] for each, its in pairs)
