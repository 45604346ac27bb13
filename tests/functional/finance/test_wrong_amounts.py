"""Amounts that are none are refused at the edge of every form of the finance desk, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from tests.factories.payouts import make_payout
from tests.functional.finance.test_pressed_twice import booked, breach, clerk, demanded, kept

pytestmark = pytest.mark.django_db

NO_AMOUNTS = ("", "0.001", "1000000000000", "1e400", "NaN", "Infinity", "１２x", "0x10")


def of_a_grant() -> tuple[str, dict[str, Any]]:
    return reverse("admin:payouts_fund_grant", args=[make_payout().fund_id]), {"because": "预算"}


def of_a_settlement() -> tuple[str, dict[str, Any]]:
    proposed = booked()
    district = proposed.after["district"]
    where = {"fund": proposed.subject_id, "district": district, "debtor": "city", "creditor": "district"}
    return reverse("admin:payouts_settlement_owed"), where | {"reference": "V-9", "settled_on": "2026-03-02"}


def of_a_demand() -> tuple[str, dict[str, Any]]:
    return reverse("admin:payouts_postcheck_demand_back", args=[breach().pk]), {"because": "虚报"}


def of_a_repayment() -> tuple[str, dict[str, Any]]:
    typed = {"received_on": "2026-03-02", "bank_reference": "R-9"}
    return reverse("admin:payouts_recovery_take_down", args=[demanded().pk]), typed


FORMS: tuple[Callable[[], tuple[str, dict[str, Any]]], ...] = (
    of_a_grant,
    of_a_settlement,
    of_a_demand,
    of_a_repayment,
)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_what_is_no_amount_is_refused_beside_its_field(form: Callable[[], tuple[str, dict[str, Any]]]) -> None:
    address, typed = form()
    client, before = clerk("finance"), kept()
    for amount in NO_AMOUNTS if form is of_a_repayment else (*NO_AMOUNTS, "0", "-5"):
        answer = client.post(address, typed | {"amount_cny": amount})
        assert answer.status_code == 200, amount
        assert answer.context["form"].errors.keys() == {"amount_cny"}, amount
    assert kept() == before
