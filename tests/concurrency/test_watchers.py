"""Several watchers of one folder, one that is killed, and a key that is revoked while its delivery lands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from companies.deliveries.watched.watch import watch_once
from companies.models import Delivery, DeliveryKey, DeliveryStatus
from tests.concurrency.racing import together, wait_until_somebody_waits
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import csv_file, deliver_file
from tests.factories.signatures import make_private_key, register, revoke, sign
from tests.migrated import address_of

pytestmark = pytest.mark.django_db(transaction=True)
WATCHERS, FILES = 4, 12
# A watcher that the system kills between the landing of a file and the step that puts it away.
KILLED = """
import os, signal, sys
import django
django.setup()
from pathlib import Path
from companies.deliveries.watched import folder, watch
folder.DepartmentFolder.put_away = lambda *told, **named: os.kill(os.getpid(), signal.SIGKILL)
watch.watch_once(folder=Path(sys.argv[1]), still_seconds=0)
"""


def lay(folder: Path, count: int) -> None:
    inbox = folder / "tax"
    inbox.mkdir()
    for number in range(count):
        firm = make_company(has_account=False)
        row = {"credit_code": firm.credit_code, "year": 2024, "revenue": 1}
        (inbox / f"tax--2026-03-02--file{number}.csv").write_bytes(csv_file("tax", row))
    (inbox / "wrong.csv").write_bytes(b"x")


def test_several_watchers_deliver_each_file_once(tmp_path: Path) -> None:
    lay(tmp_path, FILES)
    answers = together([lambda: watch_once(folder=tmp_path, still_seconds=0)] * WATCHERS)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    total = {name: sum(answer[name] for answer in answers) for name in ("landed", "refused", "trouble")}
    assert total == {"landed": FILES, "refused": 1, "trouble": 0}
    assert Delivery.objects.filter(status=DeliveryStatus.LANDED).count() == FILES
    # No file was delivered a second time and answered as known.
    assert len(list((tmp_path / "tax" / "landed").glob("*.txt"))) == FILES
    assert len(list((tmp_path / "tax" / "refused").glob("*.txt"))) == 1


def test_who_is_killed_between_landing_and_putting_away_delivers_once(tmp_path: Path) -> None:
    lay(tmp_path, 1)
    here = {"DATABASE_URL": address_of(connection.settings_dict["NAME"]), "DJANGO_SETTINGS_MODULE": "qinqing.settings"}
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=settings.BASE_DIR,
        env={**os.environ, **here},
        capture_output=True,
        timeout=120,
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert Delivery.objects.get().status == DeliveryStatus.LANDED
    assert (tmp_path / "tax" / "tax--2026-03-02--file0.csv").exists()
    # The lock of the killed one went with it.
    assert watch_once(folder=tmp_path, still_seconds=0)["landed"] == 1
    assert (Delivery.objects.count(), TaxYear.objects.count()) == (1, 1)


def test_two_keys_of_the_same_bytes_are_registered_once() -> None:
    private = make_private_key()
    answers = together([lambda: register(private)] * 2)
    assert sum(isinstance(answer, DeliveryKey) for answer in answers) == 1
    assert DeliveryKey.objects.count() == 1


def test_who_revokes_a_key_waits_for_the_delivery_that_it_signs() -> None:
    private = make_private_key()
    key = register(private)
    file = csv_file("tax", {"credit_code": make_company(has_account=False).credit_code, "year": 2024, "revenue": 1})

    def revoke_it() -> None:
        try:
            revoke(DeliveryKey.objects.get(pk=key.pk))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            deliver_file("tax", file, delivery_id="tax-1", signed=sign(file, key=private))
            revoking = pool.submit(revoke_it)
            wait_until_somebody_waits()
        revoking.result()
    assert Delivery.objects.get().signed_with == key
    key.refresh_from_db()
    assert key.revoked_at is not None
