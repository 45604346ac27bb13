"""Every attack of the drill, against a demo of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.conf import settings

from tests.drill import accounts, doors, payments

pytestmark = pytest.mark.slow

ATTACKS = (*payments.ATTACKS, *accounts.ATTACKS, *doors.ATTACKS)


def test_the_product_holds_in_every_attack() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.drill"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert [each["name"] for each in report["attempts"]] == [attack.__name__ for attack in ATTACKS]
    assert [each for each in report["attempts"] if not each["held"]] == []
    assert (report["failed"], done.returncode) == (0, 0)
