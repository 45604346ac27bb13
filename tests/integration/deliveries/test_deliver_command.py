"""`manage.py deliver`: a file from the command line."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from companies.models import Delivery
from tests.factories.companies import make_company
from tests.factories.deliveries import csv_file

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = StringIO()
    with translation.override("en"):
        call_command("deliver", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [
        {"credit_code": make_company(has_account=False).credit_code, "year": 2024},
        *[{"credit_code": "x", "year": 2024}] * 25,
    ]
    file = tmp_path / "tax.csv"
    file.write_bytes(csv_file("tax", *rows))
    return file


def test_what_landed_and_what_did_not(file: Path) -> None:
    told = said("tax", str(file), "--id", "tax-1", "--as-of", "2026-03-01")
    assert "tax-1: of tax 1 rows landed, 1 facts are new or changed, 25 rows are in quarantine." in told
    assert "row 3, credit_code: is no credit code" in told
    assert "… and 5 more" in told
    delivery = Delivery.objects.get()
    assert (str(delivery.as_of_on), delivery.delivered_by) == ("2026-03-01", None)


def test_the_same_file_again_is_known_by_its_content(file: Path) -> None:
    said("tax", str(file))
    assert "nothing was done again" in said("tax", str(file))
    assert Delivery.objects.count() == 1


def test_refusals_end_the_command_with_their_sentence(file: Path) -> None:
    with pytest.raises(CommandError, match="did you mean “tax”"):
        said("taxs", str(file))
    with pytest.raises(CommandError, match="No such file"):
        said("tax", str(file.with_name("gone.csv")))
