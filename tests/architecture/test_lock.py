"""Each lock names no index address, and contains what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.architecture.project_files import PROJECT

LOCK, BENCH_LOCK = ((PROJECT / name).read_text() for name in ("requirements.txt", "requirements-bench.txt"))
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())
GROUPS = PYPROJECT["dependency-groups"]


@pytest.mark.parametrize("lock", [LOCK, BENCH_LOCK])
def test_the_lock_has_no_index_address(lock: str) -> None:
    assert re.findall(r"--(?:extra-)?index-url|--find-links|https?://", lock) == []


@pytest.mark.parametrize("lock", [LOCK, BENCH_LOCK])
def test_every_line_of_the_lock_has_a_hash(lock: str) -> None:
    requirements = re.findall(r"^[a-z0-9].*==.*$", lock, flags=re.MULTILINE)
    assert requirements
    assert all(line.endswith("\\") for line in requirements)


@pytest.mark.parametrize(
    ("lock", "asked"), [(LOCK, PYPROJECT["project"]["dependencies"] + GROUPS["dev"]), (BENCH_LOCK, GROUPS["bench"])]
)
def test_the_lock_holds_every_dependency(lock: str, asked: list[str]) -> None:
    names = [re.match(r"[A-Za-z0-9-]+", line)[0].lower() for line in asked]
    assert [name for name in names if f"\n{name}==" not in f"\n{lock.lower()}"] == []


def test_what_others_are_measured_with_stays_out_of_the_product() -> None:
    assert "openfisca" not in LOCK


def test_both_locks_agree_on_what_they_share() -> None:
    pins = re.compile(r"^([a-z0-9-]+)==([^ ;]+)", flags=re.MULTILINE)
    product, bench = (dict(pins.findall(lock)) for lock in (LOCK, BENCH_LOCK))
    shared = product.keys() & bench.keys()
    assert shared
    assert {name: bench[name] for name in shared} == {name: product[name] for name in shared}
