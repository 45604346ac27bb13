"""The sizes we hold to: functions of at most 70 lines, files of about 400, folders of about fifteen modules."""

from __future__ import annotations

import subprocess
import warnings
from collections import Counter

from tests.architecture.project_files import PROJECT, definitions, named, python_files

FUNCTION_LINES = 70
# A longer file gets a warning, because a cut by length parts what belongs together; a file above the upper limit fails.
FILE_LINES = 400
REFUSED_FILE_LINES = 500
FOLDER_MODULES = 17


def test_files_are_short() -> None:
    lines = {named(file): file.read_text().count("\n") for file in python_files()}
    assert lines
    if long := {file: count for file, count in lines.items() if count > FILE_LINES}:
        warnings.warn(f"Long files: {long}", stacklevel=1)
    assert {file: count for file, count in lines.items() if count > REFUSED_FILE_LINES} == {}


def test_folders_of_the_product_hold_few_modules() -> None:
    modules = [file for file in python_files() if file.name != "__init__.py" and not named(file).startswith("tests")]
    folders = Counter(named(file.parent) for file in modules)
    assert folders
    assert {folder: count for folder, count in folders.items() if count > FOLDER_MODULES} == {}


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
