"""Every decision has a status and a date, and the index lists it."""

from __future__ import annotations

import re

from tests.architecture.project_files import PROJECT

HEAD = re.compile(r"# (\d+)\. (.+)\n\nStatus: (.+?), (\d{4}-\d\d-\d\d)")


def test_the_index_lists_every_decision_with_its_status_and_date() -> None:
    folder = PROJECT / "qinqing" / "docs" / "adr"
    index = (folder / "README.md").read_text()
    records = sorted(folder.glob("0*.md"))
    assert len(records) > 30
    for record in records:
        head = HEAD.match(record.read_text())
        assert head, record.name
        number, title, status, day = head.groups()
        assert f"| {number} | [{title}]({record.name}) | {status} | {day} |" in index, record.name
