"""Bank numbers belong to the banks that stand beside them; Python and SQL agree about it, and about names."""

from __future__ import annotations

import pytest
from django.db import connection
from psycopg.sql import SQL, Literal

from companies.classifications.banks import BANKS, find_bank, fits_bank, fits_bank_in_sql
from companies.classifications.names import normalise_name, normalised

FITTING = [
    ("313331000014", "杭州银行武林支行"),
    ("313331000014", "杭州银行中信广场支行"),
    ("313331000014", "Bank of Hangzhou, Wulin branch"),
    ("102331000014", "中国工商银行杭州分行"),
    ("102331000014", "ICBC Hangzhou"),
    ("104331000014", "Bank of China"),
    ("402331000014", "西湖农商银行"),
    ("999331000014", "某银行"),
]
OTHERS = [
    ("313331000014", "中国工商银行"),
    ("313331000014", "招商银行杭州分行"),
    ("102331000014", "杭州银行"),
    ("102331000014", "中国建设银行"),
    ("103331000014", "中国农业发展银行"),
    ("402331000014", "杭州银行"),
    ("999331000014", "中国工商银行"),
    ("313331000014", "乙"),
]
NAMES = [
    ("杭州测试（集团）有限公司", "杭州测试(集团) 有限公司"),
    ("ＡＢＣ－贸易·公司", "abc 贸易公司"),
    ("“杭州”【测试】公司", "杭州测试公司"),
]


@pytest.mark.parametrize(
    ("number", "name", "fits"), [(*pair, True) for pair in FITTING] + [(*p, False) for p in OTHERS]
)
@pytest.mark.django_db
def test_both_engines_agree_whether_a_number_is_of_a_bank(number: str, name: str, fits: bool) -> None:
    assert fits_bank(bank_number=number, bank_name=name) is fits
    condition = fits_bank_in_sql(bank_number=Literal(number), bank_name=Literal(name))
    with connection.cursor() as cursor:
        cursor.execute(SQL("SELECT {}").format(condition))
        assert cursor.fetchone() == (fits,)


@pytest.mark.parametrize(("one", "other"), NAMES)
@pytest.mark.django_db
def test_both_engines_compare_names_alike(one: str, other: str) -> None:
    with connection.cursor() as cursor:
        for name in (one, other):
            cursor.execute(SQL("SELECT {}").format(normalised(Literal(name))))
            assert cursor.fetchone() == (normalise_name(name),)
    assert normalise_name(one) == normalise_name(other)
    assert normalise_name(one) != normalise_name(one + "分公司")


def test_each_code_has_three_digits_and_a_bank() -> None:
    assert all(len(code) == 3 and code.isdigit() and bank.words for code, bank in BANKS.items())
    bank = find_bank(bank_number="102331000014")
    assert bank is not None
    assert bank.name.zh == "中国工商银行"
