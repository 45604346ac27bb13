"""The README's walks lead through existing files, and are as short as the README says."""

from __future__ import annotations

import re

from tests.architecture.project_files import PROJECT

WALK = re.compile(r"\*\*([^*]+)\*\* \((\d+) files\): (.+?)\n\n", re.DOTALL)
FILE = re.compile(r"`([\w/]+\.(?:py|sql|lark))`")


def test_the_walks_of_the_readme_lead_through_files_that_are_there() -> None:
    walks = WALK.findall((PROJECT / "README.md").read_text())
    assert len(walks) == 3
    for name, count, text in walks:
        files = FILE.findall(text)
        assert [file for file in files if not (PROJECT / file).is_file()] == [], name
        assert len(set(files)) == len(files) == int(count), name
