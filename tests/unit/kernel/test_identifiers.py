"""Credit codes, citizens' ID numbers and bank numbers with their check digits."""

from __future__ import annotations

import datetime as dt

import pytest

from companies.firms.queries import account_warnings
from companies.models import Company
from qinqing.kernel.identifiers import born_on, is_card_number, is_credit_code, is_id_number

CREDIT_CODES = [
    "91330102XXQ000016K",
    "91330105XXQ000024R",
    "91330106XXQ0000323",
    "91330108XXQ000040T",
    "91330110XXQ000059K",
    "91330113XXQ000067R",
    "91330114XXQ0000753",
    "91330127XXQ000083Q",
]


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_a_credit_code_has_its_check_digit(code: str) -> None:
    assert is_credit_code(code)
    assert not is_credit_code(code[:-1] + ("0" if code[-1] != "0" else "1"))
    assert not is_credit_code(code.lower())
    assert not is_credit_code(f"{code} ")


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_an_id_number_of_the_standard(number: str) -> None:
    assert is_id_number(number)
    assert not is_id_number(number[:-1] + ("1" if number[-1] != "1" else "2"))


@pytest.mark.parametrize("number", ["", "11010519491231002x", "1101051949123100", "11010519491331002X", "１" * 18])
def test_no_id_number(number: str) -> None:
    assert not is_id_number(number)


def test_an_id_number_tells_the_date_of_birth() -> None:
    assert born_on("11010519491231002X") == dt.date(1949, 12, 31)


def test_a_card_number_passes_the_luhn_test() -> None:
    assert is_card_number("6222021234567894")
    assert not is_card_number("6222021234567895")
    assert not is_card_number("６２２２")


def test_a_mistyped_account_is_warned_about_and_not_refused() -> None:
    firm = Company(name="杭州测试（集团）有限公司")
    right = {"holder_name": "杭州测试(集团) 有限公司", "bank_number": "313331000014"}
    wrong = {"holder_name": "杭州别家有限公司", "bank_number": "313331000015"}
    assert account_warnings(company=firm, **right) == ()
    for field, value in wrong.items():
        assert len(account_warnings(company=firm, **(right | {field: value}))) == 1
    assert len(account_warnings(company=firm, **wrong)) == 2
