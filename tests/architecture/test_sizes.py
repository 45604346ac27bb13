"""The sizes we hold to: functions of at most 70 lines, files of at most 400."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FUNCTION_LINES = 70
FILE_LINES = 400


def python_files() -> list[Path]:
    """All Python files of the project that somebody wrote by hand."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [PROJECT / name for name in listed.stdout.splitlines()]
    return [file for file in files if "migrations" not in file.parts and file.exists()]


@pytest.mark.parametrize("file", python_files(), ids=lambda file: str(file.relative_to(PROJECT)))
def test_a_file_is_short_and_so_are_its_functions(file: Path) -> None:
    text = file.read_text()
    assert text.count("\n") <= FILE_LINES
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [node.name for node in functions if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES]
    assert long == []


def test_the_top_level_is_the_frame_that_was_agreed() -> None:
    listed = subprocess.run(
        ["git", "ls-files"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    top = {name.split("/")[0] for name in listed.stdout.splitlines()}
    visible = {name for name in top if not name.startswith(".")}
    frame = {
        "manage.py",
        "pyproject.toml",
        "README.md",
        "qinqing",
        "policies",
        "companies",
        "payouts",
        "tests",
        "docker",
    }
    assert visible <= frame | {"Makefile", "requirements.txt", "requirements-bench.txt", "LICENSE"}
