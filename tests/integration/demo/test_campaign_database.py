"""Where a campaign may run: a database of its own, one runner at a time, never among companies that are not its own."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from companies.models import Company, Delivery, DeliveryStatus
from qinqing.demo.campaign import product
from qinqing.demo.campaign.city_state import CityState, city_state
from qinqing.demo.campaign.database import MayNotCreateDatabases, database_beside, use_fresh_database
from qinqing.demo.campaign.product import AlreadyRunning, forget, sole_runner
from qinqing.demo.city.numbers import credit_code

NOW = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)


def company() -> Company:
    return Company.objects.create(
        credit_code=credit_code(region="330106", seed=0, serial=1), name="杭州望舟餐饮有限公司", industry_code="H6210"
    )


def landed(delivery_id: str) -> None:
    Delivery.objects.create(
        delivery_id=delivery_id,
        dataset="registration",
        as_of_on=NOW.date(),
        sha256="0" * 64,
        byte_count=1,
        status=DeliveryStatus.LANDED,
        received_at=NOW,
    )


@pytest.mark.django_db
def test_a_database_without_companies_is_empty() -> None:
    assert city_state() == CityState.EMPTY


@pytest.mark.django_db
def test_companies_that_did_not_come_from_the_city_are_foreign() -> None:
    company()
    assert city_state() == CityState.FOREIGN


@pytest.mark.django_db
@pytest.mark.parametrize("delivery_id", ["city-1-old_registration", "city-1-registration"])
def test_a_city_without_batches_was_interrupted(delivery_id: str) -> None:
    company()
    landed(delivery_id)
    assert city_state() == CityState.BEGUN


def test_the_name_of_a_database_beside_fits_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", "x" * 63)
    name = database_beside("campaign")
    assert len(name) == 63
    assert name.endswith("_campaign")


@pytest.mark.django_db(transaction=True)
def test_a_role_without_the_right_is_told_what_to_do(settings: Any) -> None:
    settings.OWNER_DATABASE = settings.DATABASE
    with pytest.raises(MayNotCreateDatabases, match=r"CREATEDB.*--here"):
        use_fresh_database(database_beside("refused"))


def test_one_process_runs_the_product_on_a_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(product, "local_folder", lambda: tmp_path)
    with (
        sole_runner(database="town"),
        sole_runner(database="village"),
        pytest.raises(AlreadyRunning, match="“town” already"),
        sole_runner(database="town"),
    ):
        raise AssertionError("two runners")
    with sole_runner(database="town") as folder:
        assert folder.parent.parent == tmp_path


def test_what_was_kept_for_an_old_database_is_forgotten(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(product, "local_folder", lambda: tmp_path)
    with sole_runner(database="town") as folder:
        (folder / "bank.sqlite").write_text("old")
        (folder / "logs").mkdir()
        forget(folder)
        assert [kept.name for kept in folder.iterdir()] == ["runner.lock"]
