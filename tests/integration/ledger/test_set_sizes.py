"""The product works by sets: an act on ten payouts and on two thousand sends the same number of statements."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payouts.batches.assemble import seal_batch
from payouts.batches.release import reconcile_batches, release_batch
from payouts.claims.claim import CHUNK
from payouts.claims.reserve import serve_waitlist
from payouts.exceptions.manual import cancel_payouts, retry_payouts
from payouts.ledger.move import move
from payouts.models import Batch, Fund, Instruction, Payout, Transition
from payouts.publicity.publicise import end_publicity
from payouts.replies.apply import apply_replies
from payouts.replies.files import read_reply, upload_reply
from payouts.sending.send import ask_in_doubt, send_due
from payouts.states import Role, Status
from policies.models import Track
from tests.factories import replies as written
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.decisions import apply_file
from tests.factories.entitlements import make_entitlements, make_version
from tests.factories.payouts import check_batch, grant_more, make_open_batch, make_released_batch, make_sealed_batch
from tests.factories.people import make_user
from tests.superuser import as_superuser
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

FEW, MANY = 10, 2_000
AS_MANY = 100_000
LATER = NOW + timedelta(days=30)


def statements(act: Callable[[], object]) -> int:
    """The number of statements that the act sends."""
    with CaptureQueriesContext(connection) as made_by:
        act()
    return len(made_by)


def approved(count: int, **fields: object) -> list[int]:
    version = make_version(granted_cny=100 * count, **fields)
    return claimed(make_entitlements(count, of=version))


def claimed(rights: list[int]) -> list[int]:
    asked = {"company": None, "commitment": "", "actor": None}
    return list(claim_entitlements(entitlement_ids=rights, **asked, now=NOW).payout_ids)


def refused(count: int) -> list[int]:
    payouts = approved(count)
    send_due(gateway=Teller(outcome="refused"), limit=2 * count, now=NOW)
    apply_replies(limit=2 * count, now=NOW)
    return payouts


def cancel(payouts: list[int]) -> None:
    asked = {"role": Role.FINANCE, "actor": make_user("clerk"), "because": "a trial"}
    cancel_payouts(payout_ids=payouts, **asked, now=NOW)


def claiming(count: int) -> int:
    rights = make_entitlements(count, of=make_version(granted_cny=100 * count))
    return statements(lambda: claimed(rights))


def waiting(count: int) -> int:
    rights = make_entitlements(count, of=make_version(granted_cny=50 * count))
    return statements(lambda: claimed(rights))


def serving(count: int) -> int:
    version = make_version(granted_cny=0)
    claimed(make_entitlements(count, of=version))
    grant_more(100 * count, to=version)
    return statements(lambda: serve_waitlist(limit=count, now=NOW))


def cancelling(count: int) -> int:
    payouts = approved(count)
    clerk = make_user("clerk")
    assert clerk
    return statements(lambda: cancel(payouts))


def ending_publicity(count: int) -> int:
    approved(count, track=Track.PUBLICISED, publicise_days=3)
    return statements(lambda: end_publicity(limit=count, now=LATER))


def sending(count: int) -> int:
    approved(count)
    return statements(lambda: send_due(gateway=Teller(), limit=count, now=NOW))


def doubting(count: int) -> int:
    approved(count)
    bank = Teller(deaf=lambda _id: True)
    return statements(lambda: send_due(gateway=bank, limit=count, now=NOW))


def asking(count: int) -> int:
    approved(count)
    send_due(gateway=Teller(deaf=lambda _id: True), limit=count, now=NOW)
    return statements(lambda: ask_in_doubt(gateway=Teller(), limit=count, now=LATER))


def settling(count: int) -> int:
    approved(count)
    send_due(gateway=Teller(), limit=count, now=NOW)
    return statements(lambda: apply_replies(limit=count, now=NOW))


def retrying(count: int) -> int:
    payouts, clerk = refused(count), make_user("clerk")
    asked = {"payout_ids": payouts, "actor": clerk, "because": "a trial", "now": NOW}
    return statements(lambda: retry_payouts(**asked))


def sealing(count: int) -> int:
    batch, maker = make_open_batch(count), make_user("maker")
    declared = {"declared_count": count, "declared_sum_cny": Decimal(100 * count)}
    return statements(lambda: seal_batch(batch=batch, **declared, actor=maker, now=NOW))


def releasing(count: int) -> int:
    batch = check_batch(batch=make_sealed_batch(count), actor=make_user("checker"), now=NOW)
    releaser = make_user("releaser")
    return statements(lambda: release_batch(batch=batch, actor=releaser, now=NOW))


def importing(count: int) -> int:
    batch, clerk = make_released_batch(count), make_user("clerk")
    ids = Instruction.objects.filter(batch=batch).values_list("end_to_end_id", flat=True)
    report = io.BytesIO(written.status_report([(each, "ACSC") for each in ids], message_id=f"B{batch.pk}"))
    file, _is_known = upload_reply(bank=None, name="x.xml", content=report, actor=clerk, now=NOW)
    read = statements(lambda: read_reply(file=file))
    return read + statements(lambda: apply_file(file=file))


def reconciling(count: int) -> int:
    fund = Fund.objects.get(pk=make_released_batch(count).fund_id)
    Batch.objects.filter(fund=fund)
    return statements(lambda: reconcile_batches(now=NOW))


@pytest.mark.parametrize(
    "measure",
    [
        *(claiming, waiting, serving, cancelling, ending_publicity, sending, doubting, asking, settling, retrying),
        *(sealing, releasing, importing, reconciling),
    ],
    ids=lambda measure: measure.__name__,
)
def test_a_large_set_takes_no_more_statements_than_a_small_one(measure: Callable[[int], int]) -> None:
    few = measure(FEW)
    assert measure(MANY) == few
    # To import is to read a file, to propose it, and to carry the proposal out.
    assert few <= (50 if measure is importing else 30)


def analyze(*app_labels: str) -> None:
    """Count rows for the planner, as autovacuum cannot, which does not see into the transaction of a test."""
    models = [model for label in app_labels for model in apps.get_app_config(label).get_models()]
    with as_superuser() as cursor:
        cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in models)}")


@pytest.mark.slow
def test_a_hundred_thousand_payouts_move_by_a_handful_of_statements() -> None:
    rights = make_entitlements(AS_MANY, of=make_version(granted_cny=100 * AS_MANY))
    analyze("companies", "policies")
    payouts: list[int] = []
    chunks = AS_MANY // CHUNK
    assert statements(lambda: payouts.extend(claimed(rights))) <= 20 * chunks
    analyze("payouts")
    moved = {"before": Status.APPROVED, "after": Status.CANCELLED, "role": Role.FINANCE, "because": "a trial"}
    assert statements(lambda: move(payouts=payouts, **moved, actor=make_user("clerk"), now=NOW)) <= 5
    assert Payout.objects.filter(status=Status.CANCELLED).count() == AS_MANY
    assert Transition.objects.filter(after=Status.CANCELLED, moved_because="a trial").count() == AS_MANY
