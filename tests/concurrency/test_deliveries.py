"""Deliveries that arrive at the same time."""

from __future__ import annotations

import pytest

from companies.deliveries.deliver import OtherBytes
from companies.firms.payee_accounts import replace_account
from companies.models import Delivery, DeliveryStatus, PayeeAccount
from tests.concurrency.racing import together
from tests.factories.clock import NOW
from tests.factories.companies import act_for, make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import csv_file, deliver_file, registration_row
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 4


def test_the_same_delivery_from_many_sides_lands_once() -> None:
    firm = make_company(has_account=False)
    file = csv_file("tax", {"credit_code": firm.credit_code, "year": 2024, "revenue": 1})
    answers = together([lambda: deliver_file("tax", file, delivery_id="tax-1")] * THREADS)
    assert all(isinstance(answer, Delivery) for answer in answers)
    assert sorted(answer.is_repeated for answer in answers if isinstance(answer, Delivery)) == [False, True, True, True]
    assert len({answer.pk for answer in answers if isinstance(answer, Delivery)}) == 1
    assert Delivery.objects.count() == 1


def test_two_contents_under_one_id_land_one_of_them() -> None:
    firm = make_company(has_account=False)
    files = [csv_file("tax", {"credit_code": firm.credit_code, "year": 2024, "revenue": revenue}) for revenue in (1, 2)]
    answers = together([lambda file=file: deliver_file("tax", file, delivery_id="tax-1") for file in files])
    assert sorted(type(answer).__name__ for answer in answers) == ["Delivery", "OtherBytes"]
    assert any(isinstance(answer, OtherBytes) for answer in answers)
    assert TaxYear.objects.count() == 1
    assert Delivery.objects.filter(status=DeliveryStatus.LANDED).count() == 1


def test_deliveries_of_one_dataset_wait_for_each_other() -> None:
    rows = [registration_row(serial) for serial in range(200)]
    answers = together([lambda: deliver_file("registration", rows)] * THREADS)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    changed = sorted(answer.changed_count for answer in answers if isinstance(answer, Delivery))
    assert changed == [0, 0, 0, 400]


def test_two_owners_who_replace_the_account_leave_one_in_use() -> None:
    firm = make_company(has_account=False)
    owner = act_for(firm, make_user())

    def replace(number: str) -> PayeeAccount:
        return replace_account(
            holder_name=firm.name,
            bank_name="杭州银行",
            bank_number="313331000014",
            company=firm,
            number=number,
            actor=owner,
            now=NOW,
        )

    answers = together([lambda place=place: replace(f"3305016100000000{place}") for place in range(THREADS)])
    assert all(isinstance(answer, PayeeAccount) for answer in answers)
    assert firm.accounts.filter(is_active=True).count() == 1
    assert firm.accounts.count() == THREADS
