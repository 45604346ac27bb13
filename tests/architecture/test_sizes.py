"""The sizes we hold to: functions of at most 70 lines, files of at most 400."""

from __future__ import annotations

import subprocess

from tests.architecture.project_files import PROJECT, definitions, named, python_files

FUNCTION_LINES = 70
FILE_LINES = 400


def test_files_are_short() -> None:
    lines = {named(file): file.read_text().count("\n") for file in python_files()}
    assert lines
    assert {file: count for file, count in lines.items() if count > FILE_LINES} == {}


def test_functions_are_short() -> None:
    functions = [each for each in definitions() if each.is_function]
    assert functions
    assert [each for each in functions if each.lines > FUNCTION_LINES] == []


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
