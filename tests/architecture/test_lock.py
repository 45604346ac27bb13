"""The lock names no place of its own, and holds what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib

from tests.architecture.test_sizes import PROJECT

LOCK = (PROJECT / "requirements.txt").read_text()


def test_the_lock_has_no_index_address() -> None:
    assert re.findall(r"--(?:extra-)?index-url|--find-links|https?://", LOCK) == []


def test_every_line_of_the_lock_has_a_hash() -> None:
    requirements = re.findall(r"^[a-z0-9].*==.*$", LOCK, flags=re.MULTILINE)
    assert requirements
    assert all(line.endswith("\\") for line in requirements)


def test_the_lock_holds_every_dependency() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    asked = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = [re.match(r"[A-Za-z0-9-]+", line)[0].lower() for line in asked]
    assert [name for name in names if f"\n{name}==" not in f"\n{LOCK.lower()}"] == []
