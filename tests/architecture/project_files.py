"""The project's handwritten files, for tests that read them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]


def named(file: Path) -> str:
    """The file's path as the project writes it."""
    return file.relative_to(PROJECT).as_posix()


@cache
def python_files() -> tuple[Path, ...]:
    """All Python files but migrations."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = (PROJECT / name for name in listed.stdout.splitlines())
    return tuple(file for file in files if "migrations" not in file.parts and file.exists())


class Definition(NamedTuple):
    """A function or a class in a file."""

    file: str
    name: str
    lines: int
    is_function: bool


@cache
def definitions() -> tuple[Definition, ...]:
    """All functions and classes, without the syntax trees of their files, which would fill the memory."""
    return tuple(
        Definition(named(file), node.name, (node.end_lineno or 0) - node.lineno + 1, not isinstance(node, ast.ClassDef))
        for file in python_files()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )


@cache
def templates() -> tuple[Path, ...]:
    """All HTML templates."""
    return tuple(sorted((PROJECT / "qinqing" / "templates").rglob("*.html")))
