"""Several workers look for sources at the same moment, and each source is pulled once."""

from __future__ import annotations

from functools import partial

import pytest

from companies.models import Delivery, SourcePull
from companies.sources.pull import pull_next
from tests.concurrency.racing import together
from tests.data_servers import Answer, web_server
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.deliveries import csv_file
from tests.factories.sources import make_source

WORKERS = 8


@pytest.mark.django_db(transaction=True)
def test_eight_workers_pull_one_source_once() -> None:
    rows = csv_file("tax", {"credit_code": make_company().credit_code, "year": 2024, "revenue": 1, "tax_paid": 1})
    with web_server() as server:
        server.answers["/tax.csv"] = Answer(rows, headers={"Last-Modified": "Sat, 28 Feb 2026 01:00:00 GMT"})
        make_source(address=server.address("/tax.csv"))
        pulled = together([partial(pull_next, clock=lambda: NOW)] * WORKERS)
        assert sorted(pulled) == [False] * (WORKERS - 1) + [True]
        assert len(server.asked) == 1
    assert [each.outcome for each in SourcePull.objects.all()] == ["landed"]
    assert Delivery.objects.count() == 1
