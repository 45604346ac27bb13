"""The program of a department's machine: its keys, what it signs, and how it counts rows."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings

from qinqing.kit.sign_delivery import count_rows, main


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key.pem"
    assert main(["new-key", str(file)]) == 0
    return file


def signed(file: Path, key: Path, *more: str) -> dict[str, object]:
    assert main(["sign", str(file), "--key", str(key), *more]) == 0
    manifest = file.with_name(f"{file.name}.manifest.json").read_bytes()
    signature = base64.b64decode(file.with_name(f"{file.name}.sig").read_bytes())
    load_pem_public_key(key.with_name(f"{key.name}.pub").read_bytes()).verify(signature, manifest)  # type: ignore[union-attr, call-arg]
    return dict(json.loads(manifest))


def test_a_private_key_is_its_owners_alone_and_never_written_over(key: Path, capsys: pytest.CaptureFixture) -> None:
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    assert main(["new-key", str(key)]) == 1
    assert "never written over" in capsys.readouterr().err
    assert key.read_bytes() == before


def test_the_name_says_what_the_command_does_not(key: Path, tmp_path: Path) -> None:
    file = tmp_path / "tax--2026-03-01--march.1.csv"
    file.write_bytes(b"credit_code,year\nx,1\n\ny,2\n")
    assert signed(file, key, "--contract-version", "1.0.0") == {
        "dataset": "tax",
        "delivery_id": "march.1",
        "as_of": "2026-03-01",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "row_count": 2,
        "contract_version": "1.0.0",
    }


def test_without_an_id_the_content_is_the_id(key: Path, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_bytes(b"a\n1\n")
    told = signed(file, key, "--dataset", "tax", "--as-of", "2026-03-01")
    assert (
        told["delivery_id"]
        == f"tax-2026-03-01-{hashlib.sha256(b'a' + bytes([10]) + b'1' + bytes([10])).hexdigest()[:32]}"
    )
    assert told["contract_version"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sign", "{file}", "--key", "{key}"], "Say --dataset and --as-of"),
        (["sign", "{file}", "--key", "{file}", "--dataset", "tax", "--as-of", "2026-03-01"], "holds no private key"),
        (["sign", "{file}", "--key", "{key}", "--dataset", "tax", "--as-of", "March"], "is no day"),
        (["sign", "{gone}", "--key", "{key}", "--dataset", "tax", "--as-of", "2026-03-01"], "cannot be read"),
    ],
)
def test_what_cannot_be_signed_ends_with_one_sentence(
    key: Path, tmp_path: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture
) -> None:
    file = tmp_path / "export.csv"
    file.write_bytes(b"a\n1\n")
    places = {"file": file, "key": key, "gone": tmp_path / "gone.csv"}
    assert main([each.format(**places) for each in arguments]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not list(tmp_path.glob("*.sig"))


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"", 0),
        (b"a,b\n", 0),
        (b"a,b\n1,2", 1),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n\r\n3,4\r\n", 2),
        (b'a,b\n"1\n1",2\n', 1),
        (b"a,b\n1\n1,2\n", 2),
        ("a,b\n1\u2028,2\n".encode(), 1),
        (b'{"a": 1}\n\n{"a": 2}', 2),
        (b'\n{"a": 1}\nbroken\n', 2),
        (gzip.compress(b"a\n1\n2\n", mtime=0), 2),
    ],
)
def test_rows_are_counted_as_the_platform_counts_them(content: bytes, rows: int) -> None:
    assert count_rows(io.BytesIO(content)) == rows


def test_it_runs_alone_without_the_platform(tmp_path: Path) -> None:
    alone = tmp_path / "sign_delivery.py"
    alone.write_bytes((settings.BASE_DIR / "qinqing" / "kit" / "sign_delivery.py").read_bytes())
    ran = subprocess.run(
        [sys.executable, "-I", str(alone), "new-key", str(tmp_path / "key.pem")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "fingerprint is\n" in ran.stdout, ran.stderr
