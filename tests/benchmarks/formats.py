"""
`python -m tests.benchmarks.formats --rows N`: reading a file of each format into the staging table, beside a rival.

Each reader works in a process of its own, which says its seconds and its largest memory. ADR 74 keeps the numbers.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.sizes.writer import peak_bytes

TITLES = ("credit_code", "year", "revenue", "tax_paid", "day", "name")
# For each reader the file that it reads.
READERS = {
    "ours, csv": "csv",
    "ours, gb18030": "gb18030",
    "ours, ndjson": "ndjson",
    "ours, xlsx": "xlsx",
    "calamine, xlsx": "xlsx",
    "ours (DuckDB), parquet": "parquet",
    "pyarrow, parquet": "parquet",
}


def main() -> None:
    """Write the files, then read each by each of its readers."""
    asked = _arguments()
    if asked.reader:
        _measure(asked.reader, Path(asked.file))
        return
    with TemporaryDirectory(prefix="qinqing-formats-") as folder:
        files = _write_files(asked.rows, Path(folder))
        _say(f"{'reader':<26}{'file, MB':>10}{'seconds':>10}{'of CPU':>10}{'peak, MB':>10}{'rows':>12}")
        for reader, form in READERS.items():
            command = [sys.executable, "-m", "tests.benchmarks.formats", "--reader", reader, "--file", str(files[form])]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            _say(f"{reader:<26}{files[form].stat().st_size / 1e6:>10.1f}" + "".join(f"{each:>10}" for each in told))


def _write_files(count: int, folder: Path) -> dict[str, Path]:
    files = {form: folder / f"rows.{form}" for form in dict.fromkeys(READERS.values())}
    _write_parquet(count, files["parquet"])
    _unload(files["parquet"], files["csv"], "FORMAT csv")
    _unload(files["parquet"], files["ndjson"], "FORMAT json")
    files["gb18030"].write_bytes(files["csv"].read_text(encoding="utf-8").encode("gb18030"))
    _write_workbook(count, files["xlsx"])
    return files


def _write_parquet(count: int, file: Path) -> None:
    import duckdb

    duckdb.sql(f"""
        COPY (
            SELECT '91330106MA2' || lpad((i % 50000)::varchar, 6, '0') || 'X' AS credit_code,
                2005 + i // 50000 AS year, (hash(i) % 1000000000000 / 100)::decimal(18, 2) AS revenue,
                (hash(i + 1) % 10000000000 / 100)::decimal(18, 2) AS tax_paid,
                date '2020-01-01' + (i % 1500)::integer AS day, '杭州测试' || i || '有限公司' AS name
            FROM range({count}) rows(i)
        ) TO '{file}' (FORMAT parquet)
    """)


def _unload(parquet: Path, file: Path, options: str) -> None:
    import duckdb

    duckdb.sql(f"COPY (FROM '{parquet}') TO '{file}' ({options})")


def _write_workbook(count: int, file: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, TITLES)
        for number in range(count):
            sheet.write_row(
                number + 1,
                0,
                (
                    f"91330106MA2{number % 50_000:06}X",
                    2005 + number // 50_000,
                    *(number * 7_919 % 10**12 / 100, number * 104_729 % 10**10 / 100),
                ),
            )
            sheet.write_datetime(number + 1, 4, dt.date(2020, 1, 1) + dt.timedelta(days=number % 1_500), day)
            sheet.write_string(number + 1, 5, f"杭州测试{number}有限公司")


def _measure(reader: str, file: Path) -> None:
    from qinqing.services import ensure

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qinqing.settings")
    ensure(name="bench")
    import django

    django.setup()
    from django.db import transaction

    from companies.deliveries.staging.table import count_rows

    with transaction.atomic():
        start, worked = time.perf_counter(), time.process_time()
        _stage(reader)(file)
        seconds, of_cpu = time.perf_counter() - start, time.process_time() - worked
        _say(f"{seconds:.1f} {of_cpu:.1f} {peak_bytes() >> 20} {count_rows()}")


def _stage(reader: str) -> Callable[[Path], object]:
    from companies.contracts.contract import Word
    from companies.datasets.column_types import Text
    from companies.deliveries.registry.columns import Column
    from companies.deliveries.registry.targets import Deliverable
    from companies.deliveries.staging import table

    columns = tuple(Column(name, Word(name, name), Text(200)) for name in TITLES)
    deliverable = Deliverable("bench", Word("试", "Bench"), "", columns, TITLES[:1])
    rivals = {"calamine, xlsx": _calamine_rows, "pyarrow, parquet": _pyarrow_rows}
    if reader in rivals:
        return lambda file: table._stage_rows(rivals[reader](file), deliverable, reader)

    def stage(file: Path) -> None:
        with file.open("rb") as content:
            table.stage(deliverable=deliverable, content=content)

    return stage


def _calamine_rows(file: Path) -> Iterator[Any]:
    """As fast as it can be done with it, without a look at what it loses."""
    from python_calamine import CalamineWorkbook

    from companies.deliveries.staging.rows import ReadRow

    with CalamineWorkbook.from_path(file) as book:
        rows = book.get_sheet_by_index(0).iter_rows()
        next(rows)
        for number, row in enumerate(rows, start=2):
            yield ReadRow(number, [str(cell) or None for cell in row])


def _pyarrow_rows(file: Path) -> Iterator[Any]:
    import pyarrow
    from pyarrow.parquet import ParquetFile

    from companies.deliveries.staging.rows import ReadRow

    number = 0
    with file.open("rb") as content:
        parquet = ParquetFile(content, pre_buffer=False)
        for batch in parquet.iter_batches(batch_size=8_192, use_threads=False):
            for row in zip(*(column.cast(pyarrow.string()).to_pylist() for column in batch.columns), strict=True):
                number += 1
                yield ReadRow(number, row)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.formats", description=main.__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
