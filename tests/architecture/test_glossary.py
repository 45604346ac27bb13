"""The glossary names only things that the code has."""

from __future__ import annotations

import re
from importlib import import_module

from tests.architecture.project_files import PROJECT

ROW = re.compile(r"^\| (?P<word>[^|]+) \| [^|]+ \| (?P<code>[^|]*`[^|]*) \|", re.MULTILINE)


def is_there(name: str) -> bool:
    """Whether the name is a module, or something that a module defines."""
    module, _dot, attribute = name.rpartition(".")
    try:
        import_module(name)
    except ModuleNotFoundError:
        return hasattr(import_module(module), attribute)
    return True


def test_the_glossary_names_what_is_there() -> None:
    rows = ROW.findall((PROJECT / "qinqing" / "docs" / "glossary.md").read_text())
    assert len(rows) > 70
    names = [(word, name) for word, code in rows for name in re.findall(r"`([^`]+)`", code)]
    assert not is_there("payouts.models.Nothing")
    assert [each for each in names if not is_there(each[1])] == []
