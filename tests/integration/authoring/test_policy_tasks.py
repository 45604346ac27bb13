"""The tasks match until nothing is due, so a lost nudge costs nothing."""

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
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries, make_delivery
from tests.factories.people import make_officer
from tests.factories.policies import make_published, make_submitted, publish_version

pytestmark = pytest.mark.django_db


def test_matching_goes_on_until_nothing_is_due() -> None:
    today = timezone.localdate()
    make_all_deliveries(as_of_on=today)
    company = make_company()
    make_published("true")
    make_delivery("registration", touching=[company], as_of_on=today)
    assert not is_settled()
    tasks.match_due()
    assert is_settled()
    tasks.match_due(something_a_newer_release_sends=1)
    assert Entitlement.objects.count() == 1


def test_what_a_delivery_wakes_is_there(django_capture_on_commit_callbacks: Any) -> None:
    app.loader.import_default_modules()
    assert set(settings.WOKEN_BY_DELIVERIES) <= set(app.tasks)
    company = make_company()
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
    make_all_deliveries(as_of_on=timezone.localdate())
    for _ in range(5):
        make_company()
    version = make_published("true")
    tasks.match_due()
    close_version(version=version, actor=make_officer(), because="no money left", now=timezone.now())
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
        publish_version(make_submitted("true"), now=dt.datetime.now(dt.UTC))
        assert sent == []
    assert sent == ["policies.tasks.match_due"]


def test_a_broker_that_is_away_does_not_undo_a_publication(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    def away(*_what: object, **_how: object) -> None:
        raise OperationalError("nobody there")

    monkeypatch.setattr(nudges.current_app, "send_task", away, raising=False)
    with django_capture_on_commit_callbacks(execute=True):
        version = publish_version(make_submitted("true"), now=dt.datetime.now(dt.UTC))
    assert version.status == "published"
