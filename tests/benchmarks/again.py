"""
A file that a department delivers again with one row of a hundred changed, from its last byte to the new decisions.

Beside it, in the same round: the whole file into an empty table, and both by COPY and MERGE as somebody would write
them for this table. The changed rows lie all over the file, so they touch far more firms than one of a hundred.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import LiteralString

from django.db import connection, transaction
from django.utils import timezone

from companies.deliveries.deliver import deliver
from companies.models import Delivery, TouchedCompany
from policies.matching.run import ask_for_runs, match_due
from policies.models import PolicyVersion
from qinqing.kernel.database.statements import execute_statement, fetch_rows
from tests.benchmarks.city import BenchCity, bench_city
from tests.benchmarks.match import tables
from tests.benchmarks.parts import Measured, Ratio, Say, Size
from tests.benchmarks.processors import Spent, measure_spent

# With MONTHS rows for each of 20,000 firms the file has a million rows; rules read some of these months.
MONTHS = 50
ROUNDS = 3

_TABLE, _PLAIN = "dataset_insurance", "bench_insurance"
_COLUMNS = "company_id, month, insured, is_paid"
_IS_CHANGED = "(c.id * 7919 + m * 104729) % 100 = 0"
_ROWS = f"""
    SELECT c.credit_code, to_char(date '2018-11-01' + m * interval '1 month', 'YYYY-MM') AS month,
        1 + (c.id + m) % 90 + CASE WHEN {{is_changed}} THEN 1 ELSE 0 END AS insured,
        CASE (c.id + m) % 50 WHEN 0 THEN 'false' ELSE 'true' END AS is_paid
    FROM companies_company c CROSS JOIN generate_series(0, {MONTHS - 1}) m ORDER BY m, c.id
"""
_STAGE = "CREATE TEMPORARY TABLE bench_staged (credit_code text, month text, insured numeric, is_paid boolean)"
_MERGE: LiteralString = f"""
    MERGE INTO {_PLAIN} AS stored
    USING (SELECT c.id AS company_id, s.month, s.insured, s.is_paid FROM bench_staged s
        JOIN companies_company c ON c.credit_code = s.credit_code) AS fresh
    ON stored.company_id = fresh.company_id AND stored.month = fresh.month
    WHEN MATCHED AND (stored.insured, stored.is_paid) IS DISTINCT FROM (fresh.insured, fresh.is_paid)
        THEN UPDATE SET insured = fresh.insured, is_paid = fresh.is_paid, delivery_id = 1
    WHEN NOT MATCHED THEN INSERT ({_COLUMNS}, delivery_id)
        VALUES (fresh.company_id, fresh.month, fresh.insured, fresh.is_paid, 1)
"""
_DIFFERENT = f"SELECT {_COLUMNS} FROM {_TABLE} EXCEPT ALL SELECT {_COLUMNS} FROM {_PLAIN}"


@dataclass(frozen=True, slots=True)
class Decided:
    """A delivery: its changed rows and touched firms, the time until it had landed, and that until it was decided."""

    changed: int
    touched: int
    landed: Spent
    decided: Spent

    @property
    def spent(self) -> Spent:
        """The time from the last byte of the file to the new decisions."""
        return self.landed + self.decided


@dataclass(frozen=True, slots=True)
class Round:
    """The file whole and with changes, by us and by COPY and MERGE, with how many rows MERGE wrote."""

    whole: Decided
    again: Decided
    plain_whole: tuple[int, Spent]
    plain_again: tuple[int, Spent]
    agrees: bool


def run(*, size: Size, say: Say) -> Measured:
    """Deliver both files a few times, each time into an empty table."""
    with bench_city(companies=size.companies, say=say) as city, TemporaryDirectory(prefix="qinqing-again-") as folder:
        versions = city.publish()
        files = {name: Path(folder) / f"{name}.csv" for name in ("whole", "again")}
        for name, file in files.items():
            _unload(_ROWS.format(is_changed=_IS_CHANGED if name == "again" else "false"), file)
        execute_statement(f"CREATE TABLE {_PLAIN} (LIKE {_TABLE} INCLUDING ALL)")
        _match()
        rounds = [_round(city, files, number, say) for number in range(1, ROUNDS + 1)]
        is_settled = not _match_again(versions)
        expected = city.companies * MONTHS
    return Measured(
        contenders=_contenders(rounds),
        ratios=_ratios(rounds),
        agrees=is_settled and all(each.agrees and each.whole.changed == expected for each in rounds),
        remarks=(
            "delivered again: the same file with one row of a hundred changed, over all firms; from the last byte to"
            f" the decisions of the touched firms, in one process; median of {ROUNDS}. COPY and MERGE decide nothing.",
        ),
    )


def _round(city: BenchCity, files: Mapping[str, Path], number: int, say: Say) -> Round:
    assert tables.empty(_TABLE), "only the superuser of the server empties the table of a dataset"
    assert tables.empty(tables.OURS)
    execute_statement(f"TRUNCATE {_PLAIN}")
    found = Round(
        whole=_deliver(city, files["whole"], f"whole-{number}"),
        plain_whole=_merge(files["whole"]),
        again=_deliver(city, files["again"], f"again-{number}"),
        plain_again=_merge(files["again"]),
        agrees=not fetch_rows(f"SELECT FROM ({_DIFFERENT}) AS different LIMIT 1"),
    )
    for name, ours in (("whole", found.whole), ("again", found.again)):
        say(
            f"{name}: {ours.changed:,} rows and {ours.touched:,} firms changed; landed in {ours.landed.seconds:.1f} s,"
            f" decided in {ours.decided.seconds:.1f} s more"
        )
    return found


def _settle() -> None:
    """What autovacuum does between two deliveries, and the writes that another contender left."""
    for statement in (f"VACUUM ANALYZE {_TABLE}", f"VACUUM ANALYZE {_PLAIN}", "CHECKPOINT"):
        execute_statement(statement)


def _deliver(city: BenchCity, file: Path, name: str) -> Decided:
    _settle()
    content = io.BytesIO(file.read_bytes())
    delivery, landed = measure_spent(lambda: _land(city, content, name))
    touched = TouchedCompany.objects.filter(delivery=delivery).count()
    _none, decided = measure_spent(_match)
    return Decided(delivery.changed_count, touched, landed, decided)


def _land(city: BenchCity, content: io.BytesIO, name: str) -> Delivery:
    return deliver(
        delivery_id=f"bench-{name}",
        dataset="insurance",
        content=content,
        as_of_on=city.today,
        delivered_by=None,
        now=timezone.now(),
    )


def _match() -> int:
    """Decide what is due; returns how many entitlements changed."""
    changed = 0
    while (decided := match_due(now=timezone.now())) is not None:
        changed += decided
    return changed


def _match_again(versions: list[PolicyVersion]) -> int:
    """Decide every firm by the versions that read the dataset; returns how many entitlements were not right before."""
    ask_for_runs(versions=[each for each in versions if "insurance" in each.datasets], now=timezone.now())
    return _match()


def _merge(file: Path) -> tuple[int, Spent]:
    _settle()
    content = io.BytesIO(file.read_bytes())
    return measure_spent(lambda: _copy_and_merge(content))


@transaction.atomic
def _copy_and_merge(content: io.BytesIO) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"{_STAGE} ON COMMIT DROP")
        with cursor.copy("COPY bench_staged FROM STDIN (FORMAT csv, HEADER)") as copy:
            while piece := content.read(1 << 20):
                copy.write(piece)
        cursor.execute("ANALYZE bench_staged")
        cursor.execute(_MERGE)
        return int(cursor.rowcount)


def _unload(query: str, file: Path) -> None:
    statement = f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)"
    with connection.cursor() as cursor, file.open("wb") as out, cursor.copy(statement) as rows:
        for piece in rows:
            out.write(piece)


def _median(rounds: list[Round], spent_of: Callable[[Round], Spent]) -> Spent:
    spent = [spent_of(each) for each in rounds]
    return Spent(median(each.seconds for each in spent), median(each.processor_seconds for each in spent))


def _contenders(rounds: list[Round]) -> dict[str, dict[str, float]]:
    first = rounds[0]
    whole, again = (first.whole, lambda each: each.whole), (first.again, lambda each: each.again)
    plain = {"whole": lambda each: each.plain_whole, "again": lambda each: each.plain_again}
    return {
        "delivered whole": _delivered(rounds, *whole),
        "delivered again": _delivered(rounds, *again),
        **{
            f"COPY and MERGE, {name}": {
                "rows": of(first)[0],
                **_times(_median(rounds, lambda each, of=of: of(each)[1])),
            }
            for name, of in plain.items()
        },
    }


def _delivered(rounds: list[Round], first: Decided, of: Callable[[Round], Decided]) -> dict[str, float]:
    return {
        "rows": first.changed,
        "firms": first.touched,
        "landed_seconds": round(_median(rounds, lambda each: of(each).landed).seconds, 2),
        "decided_seconds": round(_median(rounds, lambda each: of(each).decided).seconds, 2),
        **_times(_median(rounds, lambda each: of(each).spent)),
    }


def _times(spent: Spent) -> dict[str, float]:
    return {"seconds": round(spent.seconds, 2), "processor_seconds": round(spent.processor_seconds, 2)}


def _ratios(rounds: list[Round]) -> tuple[Ratio, ...]:
    whole, again = _median(rounds, lambda each: each.whole.spent), _median(rounds, lambda each: each.again.spent)
    first_landed, landed = (
        _median(rounds, of) for of in (lambda each: each.whole.landed, lambda each: each.again.landed)
    )
    plain_whole = _median(rounds, lambda each: each.plain_whole[1])
    plain_again = _median(rounds, lambda each: each.plain_again[1])
    return (
        Ratio(
            "last byte to new decisions: a file whole ÷ again with 1 % changed",
            whole.seconds / again.seconds,
            at_least=2,
        ),
        Ratio("COPY and MERGE: a file whole ÷ again with 1 % changed", plain_whole.seconds / plain_again.seconds),
        Ratio("COPY and MERGE ÷ a delivery landed, whole", plain_whole.seconds / first_landed.seconds),
        Ratio("the same again with 1 % changed", plain_again.seconds / landed.seconds),
    )
