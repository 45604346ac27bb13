"""
A department's file of ten million rows, checked and landed, beside COPY of the finished rows into the same table.

Then one of a million rows, whole and again with a few of them changed, until the firms are decided (`again`).
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection, transaction
from django.utils import timezone

from companies.deliveries.deliver import deliver
from tests.benchmarks import again
from tests.benchmarks.city import BenchCity, bench_city
from tests.benchmarks.parts import Measured, Ratio, Say, Size
from tests.benchmarks.processors import Spent, measure_spent

QUESTION = "How fast does a file land beside COPY, and how soon is it decided when one row of a hundred is new?"
SMOKE = Size(companies=200)
# With MONTHS rows for each firm this is ten million rows.
FULL = Size(companies=20_000)
MONTHS = 500

_TABLE, _COPY = "dataset_insurance", "bench_insurance"
# Months for which the city has no rows yet.
_ROWS = f"""
    SELECT c.credit_code, to_char(date '1960-01-01' + m * interval '1 month', 'YYYY-MM') AS month,
        1 + (c.id + m) %% 90 AS insured, CASE (c.id + m) %% 50 WHEN 0 THEN 'false' ELSE 'true' END AS is_paid
    FROM companies_company c CROSS JOIN generate_series(0, {MONTHS - 1}) m ORDER BY m, c.id
""".replace("%%", "%")
_LANDED = "company_id, month, insured, is_paid, delivery_id"


def run(*, size: Size, say: Say) -> Measured:
    """Measure a file of new rows, then a smaller one that is delivered again."""
    new, repeated = _measure_new(size, say), again.run(size=size, say=say)
    return Measured(
        contenders={**new.contenders, **repeated.contenders},
        ratios=(*new.ratios, *repeated.ratios),
        agrees=new.agrees and repeated.agrees,
        remarks=(*new.remarks, *repeated.remarks),
    )


def _measure_new(size: Size, say: Say) -> Measured:
    """Deliver the file; then copy the landed rows into a table with the same columns, constraints and indexes."""
    with bench_city(companies=size.companies, say=say) as city, TemporaryDirectory(prefix="qinqing-deliver-") as folder:
        file, finished = Path(folder) / "insurance.csv", Path(folder) / "finished.csv"
        _unload(f"COPY ({_ROWS}) TO STDOUT (FORMAT csv, HEADER)", file)
        _copy_of_table()
        say(f"{file.stat().st_size / 1e6:,.0f} MB to deliver")
        landed, ours = _deliver(city, file)
        say(f"{landed:,} rows delivered in {ours.seconds:.1f} s, {ours.processor_seconds:.1f} s of the processors")
        new = f"SELECT {_LANDED} FROM {_TABLE} WHERE month < '2002' ORDER BY month, company_id"
        _unload(f"COPY ({new}) TO STDOUT (FORMAT csv)", finished)
        copied, plain = measure_spent(lambda: _load(finished))
        say(f"{copied:,} rows copied in {plain.seconds:.1f} s, {plain.processor_seconds:.1f} s of the processors")
    return Measured(
        contenders={"delivery": _numbers(landed, ours), "plain COPY": _numbers(copied, plain)},
        ratios=(
            Ratio("rows delivered a second / rows copied a second", plain.seconds / ours.seconds, at_least=0.7),
            Ratio("the same in processor time", plain.processor_seconds / ours.processor_seconds, at_least=0.7),
        ),
        agrees=landed == copied == city.companies * MONTHS,
        remarks=(
            "delivery: read, checked, credit codes found, wrong rows and doubles set apart, firms noted for matching;"
            " plain COPY: the finished rows, with the same constraints and indexes. Both in one transaction each.",
        ),
    )


def _numbers(rows: int, took: Spent) -> dict[str, float]:
    return {
        "rows": rows,
        "seconds": round(took.seconds, 2),
        "processor_seconds": round(took.processor_seconds, 2),
        "rows_per_second": round(rows / took.seconds),
    }


def _deliver(city: BenchCity, file: Path) -> tuple[int, Spent]:
    def land() -> int:
        with file.open("rb") as content:
            delivery = deliver(
                delivery_id="bench-insurance",
                dataset="insurance",
                content=content,
                as_of_on=city.today,
                delivered_by=None,
                now=timezone.now(),
            )
        return delivery.changed_count

    return measure_spent(land)


def _copy_of_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {_COPY} (LIKE {_TABLE} INCLUDING ALL)")
        cursor.execute(f"INSERT INTO {_COPY} ({_LANDED}) SELECT {_LANDED} FROM {_TABLE}")
        cursor.execute(f"VACUUM ANALYZE {_COPY}")


def _unload(statement: str, file: Path) -> None:
    with connection.cursor() as cursor, file.open("wb") as out, cursor.copy(statement) as rows:
        for piece in rows:
            out.write(piece)


def _load(file: Path) -> int:
    statement = f"COPY {_COPY} ({_LANDED}) FROM STDIN (FORMAT csv)"
    with transaction.atomic(), connection.cursor() as cursor:
        with file.open("rb") as rows, cursor.copy(statement) as copy:
            while piece := rows.read(1 << 20):
                copy.write(piece)
        return int(cursor.rowcount)
