"""
Everything works behind a pooler that hands a connection to another client after each transaction.

Before every transaction the test empties the session as PgBouncer's `server_reset_query` would: temporary tables,
cursors, advisory locks, prepared statements and settings are gone. Code that relies on one of them fails here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from payouts.batches import write as writing
from payouts.batches.write import write_files
from payouts.controls.reconcile import invariants
from payouts.formats.exports.layout import Kind
from payouts.models import Payout
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from policies.preview import exact as whole_city
from policies.preview.exact import estimate, preview
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_delivery, make_employment, make_row
from tests.factories.entitlements import make_entitlements, make_version
from tests.factories.payouts import check_batch, make_sealed_batch
from tests.factories.people import make_employee, make_user
from tests.factories.policies import entitlements_of, make_draft, make_published, match_all
from tests.tellers import Teller

pytestmark = pytest.mark.django_db(transaction=True)

# Settings that PgBouncer itself keeps for each client, so that they may outlive a transaction.
KEPT = "SELECT set_config('TimeZone', %s, false)"
# Statements that rely on the session wherever they stand.
HOLDS = re.compile(
    r"^\s*(SET\s+(?!LOCAL|TRANSACTION|CONSTRAINTS)|LISTEN|PREPARE\b)|WITH HOLD|pg_(try_)?advisory_lock"
    r"|set_config\([^)]*,\s*false\)",
    re.IGNORECASE,
)


class Pooled:
    """The connection as a pooler lends it; it remembers the statements that ran."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.resets = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.statements.append(str(sql))
        if not connection.in_atomic_block:
            self.reset()
        return execute(sql, params, many, context)

    def reset(self) -> None:
        """Empty the session."""
        raw = connection.connection
        if raw is None or raw.closed or not raw.autocommit:
            return
        self.resets += 1
        raw.execute("DISCARD ALL")
        raw.execute(KEPT, [settings.TIME_ZONE])


@pytest.fixture
def pooled(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pooled]:
    """The tests' connection through a pooler in transaction mode."""
    pool, set_autocommit = Pooled(), connection.set_autocommit

    def begin(autocommit: bool, **options: Any) -> None:
        if not autocommit:
            pool.reset()
        set_autocommit(autocommit, **options)

    connection.ensure_connection()
    monkeypatch.setattr(connection, "set_autocommit", begin)
    with connection.execute_wrapper(pool):
        yield pool


def test_a_session_that_is_held_on_to_is_noticed(pooled: Pooled) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept (a int)")
        with pytest.raises(Exception, match="kept"):
            cursor.execute("SELECT * FROM kept")
    assert pooled.resets > 1
    for statement in ("SET work_mem = '1GB'", "LISTEN x", "SELECT pg_advisory_lock(1)", "DECLARE c CURSOR WITH HOLD"):
        assert HOLDS.search(statement)
    for statement in ("SET LOCAL work_mem = '1GB'", "SELECT set_config('a', 'b', true)", "UPDATE a SET b = 1"):
        assert not HOLDS.search(statement)


def test_a_city_is_matched_claimed_paid_and_reconciled(pooled: Pooled) -> None:
    make_all_deliveries()
    for place in range(3):
        company = make_company()
        make_row(TaxYear, company, year=2024, revenue=place * 100)
    version = make_published("tax[year = 2024].revenue >= 100")
    match_all()
    make_delivery("tax", touching=[company])
    match_all()
    assert len(entitlements_of(version)) == 2
    rights = make_entitlements(2, of=make_version())
    claim_entitlements(entitlement_ids=rights, company=None, commitment="", actor=None, now=NOW)
    send_due(gateway=Teller(), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    assert invariants(bank_books=SimpleNamespace(list_executed=list)).books_balance
    assert not [each for each in pooled.statements if HOLDS.search(each)]


@pytest.mark.parametrize("subject", ["company", "employee"])
def test_a_draft_is_previewed(pooled: Pooled, subject: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_all_deliveries()
    for place in range(7):
        company = make_company()
        make_row(TaxYear, company, year=2024, revenue=place * 100)
        make_employment(company, make_employee())
    monkeypatch.setattr(whole_city, "SAMPLE_FIRMS", 3)
    monkeypatch.setattr(whole_city, "SHARD_FIRMS", 3)
    payee = {"payee": "employee"} if subject == "employee" else {}
    version = make_draft("tax[year = 2024].revenue >= 100", subject=subject, **payee)
    assert preview(version=version, now=NOW).count == 6
    assert not estimate(version=version, now=NOW).is_exact
    assert not [each for each in pooled.statements if HOLDS.search(each)]


def test_a_batch_is_written(pooled: Pooled, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = check_batch(batch=make_sealed_batch(3), actor=make_user("checker"), now=NOW)
    monkeypatch.setattr(writing, "LINES_PER_PAGE", 1)
    told: list[tuple[int, int]] = []

    def advance(lines: int) -> None:
        # The caller that shows the progress asks the database between two lines.
        told.append((lines, Payout.objects.count()))

    (file,) = write_files(batch=batch, kind=Kind.DELIMITED, now=NOW, advance=advance)
    assert (file.line_count, told) == (3, [(1, 3), (2, 3), (3, 3)])
    assert not [each for each in pooled.statements if HOLDS.search(each)]
