"""Words that say nothing do not name a module, a class or a function."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.test_sizes import PROJECT, python_files

EMPTY_WORDS = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc|info|handlers?)($|_)", re.IGNORECASE)
# Names that Django and DRF ask for.
ASKED_FOR = {"handler400", "handler403", "handler404", "handler500", "handle", "management"}


@pytest.mark.parametrize("file", python_files(), ids=lambda file: str(file.relative_to(PROJECT)))
def test_names_say_something(file: object) -> None:
    path = PROJECT / str(file)
    names = [path.stem] + [
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    assert [name for name in names if name not in ASKED_FOR and EMPTY_WORDS.search(name)] == []
