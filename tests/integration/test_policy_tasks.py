"""The tasks only wake matching up: they go on until nothing is due, and a lost nudge costs nothing."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from companies.deliveries.deliver import deliver
from policies import tasks
from policies.authoring.publish import close_version
from policies.matching.entitlements import is_settled
from policies.models import Entitlement, EntitlementStatus
from qinqing.celery import app
from qinqing.kernel import nudges
from tests.factories.policies import all_delivered, firm, landed, officer, published, signed, submitted

pytestmark = pytest.mark.django_db


def test_matching_goes_on_until_nothing_is_due() -> None:
    today = timezone.localdate()
    all_delivered(as_of_on=today)
    company = firm()
    published("true")
    landed("registration", touching=[company], as_of_on=today)
    assert not is_settled()
    tasks.match_due()
    assert is_settled()
    tasks.match_due(something_a_newer_release_sends=1)
    assert Entitlement.objects.count() == 1


def test_what_a_delivery_wakes_is_there(django_capture_on_commit_callbacks: Any) -> None:
    app.loader.import_default_modules()
    assert set(settings.WOKEN_BY_DELIVERIES) <= set(app.tasks)
    company = firm()
    rows = f"credit_code,month,insured,is_paid\n{company.credit_code},2024-01,3,true\n".encode()
    with django_capture_on_commit_callbacks() as nudged:
        deliver(
            delivery_id="insurance-1",
            dataset="insurance",
            content=io.BytesIO(rows),
            as_of_on=timezone.localdate(),
            delivered_by=None,
            now=timezone.now(),
        )
    assert ["match_due" in str(each) for each in nudged] == [True]


def test_lapsing_goes_on_until_nobody_is_left() -> None:
    all_delivered(as_of_on=timezone.localdate())
    for _ in range(5):
        firm()
    version = published("true")
    tasks.match_due()
    close_version(version=version, actor=officer(), because="no money left", now=timezone.now())
    tasks.lapse(limit=2)
    assert Entitlement.objects.filter(status=EntitlementStatus.LAPSED).count() == 5


def test_matching_is_swept_every_second() -> None:
    assert settings.CELERY_BEAT_SCHEDULE["policies.tasks.match_due"]["schedule"] <= 1


def test_publishing_nudges_matching_once_it_is_committed(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(nudges.current_app, "send_task", lambda task, **_options: sent.append(task), raising=False)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        signed(submitted("true"), now=dt.datetime.now(dt.UTC))
        assert sent == []
    assert sent == ["policies.tasks.match_due"]


def test_a_broker_that_is_away_does_not_undo_a_publication(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    def away(*_what: object, **_how: object) -> None:
        raise OperationalError("nobody there")

    monkeypatch.setattr(nudges.current_app, "send_task", away, raising=False)
    with django_capture_on_commit_callbacks(execute=True):
        version = signed(submitted("true"), now=dt.datetime.now(dt.UTC))
    assert version.status == "published"
