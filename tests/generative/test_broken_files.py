"""Whatever bytes of a workbook, a Parquet file or an archive are broken, the answer is rows or one sentence."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from companies.deliveries.registry.columns import Column
from companies.deliveries.registry.targets import find_deliverable
from companies.deliveries.staging.decode import find_encoding, text_pieces
from companies.deliveries.staging.parquet_rows import parquet_rows
from companies.deliveries.staging.read_file import Kind, detect_kind, unpacked_file
from companies.deliveries.staging.sheet_rows import sheet_rows
from qinqing.kernel.refusals import Refusal
from tests.factories.deliveries import gzip_file
from tests.factories.formats import parquet, workbook, zip_file

pytestmark = pytest.mark.django_db

FILES = 150
TITLES = ("credit_code", "name", "industry", "district", "district_from")
VALUES = ("91330102XXQ000016K", "杭州测试有限公司", "F5211", "330106", "2015-06-01")
CSV = f"{','.join(TITLES)}\n{','.join(VALUES)}\n".encode()


def a_file(kind: str) -> bytes:
    """A sound file."""
    if kind == "parquet":
        shown = ", ".join(f"'{value}' AS {title}" for title, value in zip(TITLES, VALUES, strict=True))
        return parquet(f"SELECT {shown} FROM range(50)")
    if kind == "xlsx":
        return workbook([TITLES, *[VALUES] * 50])
    return zip_file(("a.csv", CSV)) if kind == "zip" else gzip_file(CSV)


def broken(file: bytes, random: Random) -> bytes:
    """The file with some bytes changed, removed or repeated."""
    changed = bytearray(file)
    for _ in range(random.choice((1, 1, 2, 8))):
        at, length = random.randrange(len(changed)), random.choice((1, 1, 4, 40))
        if (change := random.randrange(3)) == 0:
            changed[at : at + length] = random.randbytes(length)
        elif change == 1:
            del changed[at : at + length]
        else:
            changed[at:at] = changed[at : at + length]
        changed = changed or bytearray(b"x")
    return bytes(changed)


def read(file: bytes, columns: tuple[Column, ...], path: Path) -> None:
    """Take every row, as staging does."""
    path.write_bytes(file)
    with path.open("rb") as content:
        kind = detect_kind(content=content)
        if kind is Kind.TEXT:
            list(text_pieces(content=content, encoding=find_encoding(content=content)))
            return
        with unpacked_file(content=content) as unpacked, unpacked.open("rb") as found:
            rows = (
                parquet_rows(file=unpacked, columns=columns)
                if kind is Kind.PARQUET
                else sheet_rows(file=found, columns=columns)
            )
            list(rows)


@pytest.mark.parametrize("kind", ["parquet", "xlsx", "zip", "gzip"])
def test_a_broken_file_is_read_or_refused(kind: str, tmp_path: Path) -> None:
    sound, columns = a_file(kind), find_deliverable(name="registration").columns
    sentences = []
    for seed in range(FILES):
        try:
            read(broken(sound, Random(f"{kind}:{seed}")), columns, tmp_path / "file")
        except Refusal as refusal:
            sentences.append(str(refusal))
    assert all(sentences)
    assert len(sentences) > FILES // 10
