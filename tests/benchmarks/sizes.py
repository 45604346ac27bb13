"""
`python -m tests.benchmarks.sizes --payouts N`: what one payout takes, from the click to the bank's answer.

Bytes with their indexes, WAL, seconds of the processors, and how many updates stayed on their page (HOT). With
`--write` the numbers and the sums that follow from them are put into `qinqing/docs/scale.md`.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qinqing.services import ensure

CHUNK = 1_000
PAGE = Path(__file__).resolve().parents[2] / "qinqing" / "docs" / "scale.md"
CITIES = (757_000, 10_000_000, 100_000_000)
CORES = 2


@dataclass(frozen=True, slots=True)
class Table:
    """A table's share of one payout, and of its updates the per cent that wrote no index."""

    name: str
    rows: float
    bytes_: float
    index_bytes: float
    updates: float
    hot_percent: float | None


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a stage for each payout."""

    stage: str
    wal_bytes: float
    seconds_per_thousand: float


def main() -> None:
    """Pay so many payouts of one fund, and print their cost."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks.sizes", description=main.__doc__)
    parser.add_argument("--payouts", type=int, default=20_000)
    parser.add_argument("--write", action="store_true", help=f"put the numbers into {PAGE.name}")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qinqing.settings")
    ensure(name="bench")
    import django

    django.setup()
    from tests.benchmarks.city import database_of_its_own

    with database_of_its_own():
        costs = list(_pay(asked.payouts))
        tables = _tables(asked.payouts)
    told = {"sizes": _sizes(asked.payouts, costs, tables), "sums": _sums(costs, tables)}
    print("\n\n".join(told.values()))  # noqa: T201 - it is what was asked for
    if asked.write:
        PAGE.write_text(_with(PAGE.read_text(encoding="utf-8"), told), encoding="utf-8")


def _pay(count: int) -> Iterator[Cost]:
    """Claim and pay by the operations that the portal and the workers call; yields the cost of each stage."""
    from django.db import connection

    from payouts.replies.apply import apply_replies
    from payouts.sending.send import send_due
    from tests.factories.claims import claim_entitlements
    from tests.factories.clock import NOW
    from tests.factories.entitlements import make_entitlements, make_version
    from tests.tellers import Teller

    rights = make_entitlements(count, of=make_version(granted_cny=100 * count))
    # Analyse as after matching; with the statistics of empty tables, a claim would compare all rows with all rows.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    def claim() -> None:
        for start in range(0, count, CHUNK):
            asked = {"company": None, "commitment": "", "actor": None, "now": NOW}
            claim_entitlements(entitlement_ids=rights[start : start + CHUNK], **asked)

    def send() -> None:
        for _turn in range(0, count, CHUNK):
            send_due(gateway=Teller(), limit=CHUNK, now=NOW)

    def settle() -> None:
        for _turn in range(0, count, CHUNK):
            apply_replies(limit=CHUNK, now=NOW)

    for stage, act in (("claim and reserve", claim), ("send", send), ("settle", settle)):
        yield _cost(stage, act, count)


def _cost(stage: str, act: Callable[[], None], count: int) -> Cost:
    from tests.benchmarks.processors import measure_spent

    before = _wal_bytes()
    _none, took = measure_spent(act)
    return Cost(stage, (_wal_bytes() - before) / count, took.processor_seconds / count * 1_000)


def _wal_bytes() -> float:
    from qinqing.kernel.database.statements import fetch_rows

    return float(fetch_rows("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0][0])


def _tables(count: int) -> list[Table]:
    from qinqing.kernel.database.statements import fetch_rows

    # PostgreSQL shares the statistics of this session after a second.
    time.sleep(1.5)
    rows = fetch_rows(
        """
        SELECT relname, n_live_tup, pg_total_relation_size(relid), pg_indexes_size(relid), n_tup_upd, n_tup_hot_upd
        FROM pg_stat_user_tables WHERE n_live_tup >= %(count)s / 10 OR n_tup_upd > 10
        ORDER BY pg_total_relation_size(relid) DESC
        """,
        count=count,
    )
    return [
        Table(
            name, live / count, size / count, indexes / count, updated / count, 100 * hot / updated if updated else None
        )
        for name, live, size, indexes, updated, hot in rows
    ]


def _sizes(count: int, costs: Sequence[Cost], tables: Sequence[Table]) -> str:
    lines = [f"Of {count:,} payouts, each with an entitlement, a firm and an account of its own:", ""]
    lines += ["| stage | WAL bytes a payout | processor seconds per 1,000 |", "|---|--:|--:|"]
    lines += [f"| {cost.stage} | {cost.wal_bytes:,.0f} | {cost.seconds_per_thousand:.2f} |" for cost in costs]
    lines += ["", "| table | rows a payout | bytes a payout | of them indexes | updates a payout | HOT |"]
    lines += ["|---|--:|--:|--:|--:|--:|", *map(_line, tables)]
    indexes = sum(each.index_bytes for each in tables)
    lines.append(f"| all | | {_bytes(tables):,.0f} | {indexes:,.0f} | | |")
    return "\n".join(lines)


def _line(table: Table) -> str:
    hot = "" if table.hot_percent is None else f"{table.hot_percent:.0f} %"
    counts = f"{table.rows:.2f} | {table.bytes_:,.0f} | {table.index_bytes:,.0f} | {table.updates:.3f}"
    return f"| {table.name} | {counts} | {hot} |"


def _bytes(tables: Sequence[Table]) -> float:
    return sum(each.bytes_ for each in tables)


def _sums(costs: Sequence[Cost], tables: Sequence[Table]) -> str:
    """The sums that follow for larger cities."""
    wal, seconds = sum(cost.wal_bytes for cost in costs), sum(cost.seconds_per_thousand for cost in costs) / 1_000
    rows = (
        ("on disk", "n · b", lambda n: f"{n * _bytes(tables) / 1e9:,.1f} GB"),
        ("WAL, for replicas and the archive", "n · w", lambda n: f"{n * wal / 1e9:,.1f} GB"),
        ("core hours", "n · t / 3,600,000", lambda n: f"{n * seconds / 3_600:,.1f}"),
        (f"in one go on {CORES} cores", "n · t / 1,000 / c", lambda n: f"{n * seconds / 3_600 / CORES:,.1f} h"),
    )
    lines = ["| what | sum | " + " | ".join(f"{n:,}" for n in CITIES) + " |", "|---|---|--:|--:|--:|"]
    lines += [f"| {what} | {how} | " + " | ".join(sum_of(n) for n in CITIES) + " |" for what, how, sum_of in rows]
    return "\n".join(lines)


def _with(page: str, told: dict[str, str]) -> str:
    for name, text in told.items():
        between = re.compile(rf"(<!-- {name}: begin -->\n).*?(\n<!-- {name}: end -->)", re.DOTALL)
        page = between.sub(lambda found, text=text: found[1] + text + found[2], page)
    return page


if __name__ == "__main__":
    main()
