"""Sources of datasets, agreed on by two people of the department."""

from __future__ import annotations

import datetime as dt
from typing import Any

from companies.models import DataSource, SourcePull, User
from companies.sources.fetch.asked import Patience
from companies.sources.propose import propose_source
from companies.sources.pull import pull_next
from qinqing.proposals.decide import confirm
from tests.factories.clock import NOW
from tests.factories.people import make_department_user

TERMS: dict[str, Any] = {
    "name": "月报",
    "kind": "http",
    "address": "https://data.example.org/tax.csv",
    "username": "",
    "trusted": "",
    "file_pattern": "",
    "query": "",
    "begins_at": "",
    "bookmark_from": "",
    "bookmark_name": "",
    "as_of_from": "modified",
    "as_of_name": "",
    "every_minutes": 60,
    "largest_mib": 1,
}
FAST = Patience(connect_seconds=5, read_seconds=5, whole_seconds=20)


def colleague(name: str = "tax-1", *, department: str = "tax") -> User:
    """A person of the department; the same one for the same name."""
    return User.objects.filter(username=name).first() or make_department_user(username=name, department=department)


def make_source(dataset: str = "tax", *, secret: str = "", now: dt.datetime = NOW, **terms: Any) -> DataSource:
    """A source that two people of the tax office agreed on."""
    asked = propose_source(
        dataset=dataset, terms=TERMS | terms, secret=secret, because="每月取数", actor=colleague("tax-1"), now=now
    )
    confirm(proposal_id=asked.pk, actor=colleague("tax-2"), now=now)
    return DataSource.objects.get(pk=asked.subject_id)


def pull(source: DataSource, *, now: dt.datetime = NOW, patience: Patience = FAST) -> SourcePull:
    """Pull the one source that is due, and return what was noted."""
    before = source.pulls.count()
    assert pull_next(clock=lambda: now, patience=patience, draw=lambda: 1.0)
    assert source.pulls.count() == before + 1
    source.refresh_from_db()
    return source.pulls.order_by("-pk")[0]


def pull_again(source: DataSource, *, now: dt.datetime | None = None) -> SourcePull:
    """Pull it at its next turn."""
    assert source.next_pull_at is not None
    return pull(source, now=now or source.next_pull_at)
