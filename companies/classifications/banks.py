"""
The banks behind bank numbers (CNAPS), by their first three digits; Python and SQL use the same table.

A number's digits four to seven name the area and the next four the branch. The last digit fits ISO 7064 MOD 11,10 on
every number tried, but no rule is published, so a page only warns about it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from psycopg.sql import SQL, Composable, Literal

from qinqing.kernel.text import Bilingual


class Bank(NamedTuple):
    """A bank or a group of banks that shares a code; the name of one of its branches has one of the words."""

    name: Bilingual
    words: tuple[str, ...]


# Groups of many banks: their words do not tell one bank from another.
GROUPS: Mapping[str, Bank] = {
    "313": Bank(Bilingual("城市商业银行", "a city's commercial bank"), ("银行", "bank")),
    "314": Bank(Bilingual("农村商业银行", "a rural commercial bank"), ("农商", "农村商业", "rural")),
    "317": Bank(
        Bilingual("农村合作银行", "a rural cooperative bank"), ("农村合作", "农合", "农商", "农村商业", "rural")
    ),
    "320": Bank(Bilingual("村镇银行", "a village bank"), ("村镇", "village")),
    "402": Bank(
        Bilingual("农村信用社或农村商业银行", "a rural credit cooperative or rural commercial bank"),
        ("信用", "农信", "农商", "农村商业", "农村合作", "rural"),
    ),
}
BANKS: Mapping[str, Bank] = {
    "011": Bank(Bilingual("国家金库", "the state treasury"), ("国库", "金库", "treasury")),
    "102": Bank(
        Bilingual("中国工商银行", "Industrial and Commercial Bank of China"),
        ("工商银行", "工行", "icbc", "industrial and commercial"),
    ),
    "103": Bank(Bilingual("中国农业银行", "Agricultural Bank of China"), ("农业银行", "农行", "agricultural bank")),
    "104": Bank(Bilingual("中国银行", "Bank of China"), ("中国银行", "中行", "bank of china")),
    "105": Bank(Bilingual("中国建设银行", "China Construction Bank"), ("建设银行", "建行", "construction bank")),
    "201": Bank(Bilingual("国家开发银行", "China Development Bank"), ("国家开发", "国开", "china development")),
    "202": Bank(Bilingual("中国进出口银行", "Export-Import Bank of China"), ("进出口", "export-import")),
    "203": Bank(
        Bilingual("中国农业发展银行", "Agricultural Development Bank of China"),
        ("农业发展", "农发", "agricultural development"),
    ),
    "301": Bank(Bilingual("交通银行", "Bank of Communications"), ("交通银行", "交行", "bank of communications")),
    "302": Bank(Bilingual("中信银行", "China CITIC Bank"), ("中信", "citic")),
    "303": Bank(Bilingual("中国光大银行", "China Everbright Bank"), ("光大", "everbright")),
    "304": Bank(Bilingual("华夏银行", "Hua Xia Bank"), ("华夏", "hua xia", "huaxia")),
    "305": Bank(Bilingual("中国民生银行", "China Minsheng Bank"), ("民生", "minsheng")),
    "306": Bank(Bilingual("广发银行", "China Guangfa Bank"), ("广发", "广东发展", "guangfa")),
    "307": Bank(Bilingual("平安银行", "Ping An Bank"), ("平安银行", "ping an")),
    "308": Bank(Bilingual("招商银行", "China Merchants Bank"), ("招商银行", "招行", "merchants bank")),
    "309": Bank(Bilingual("兴业银行", "Industrial Bank"), ("兴业银行", "industrial bank")),
    "310": Bank(
        Bilingual("上海浦东发展银行", "Shanghai Pudong Development Bank"), ("浦东发展", "浦发", "pudong development")
    ),
    "315": Bank(Bilingual("恒丰银行", "Evergrowing Bank"), ("恒丰", "evergrowing")),
    "316": Bank(Bilingual("浙商银行", "China Zheshang Bank"), ("浙商", "zheshang")),
    "318": Bank(Bilingual("渤海银行", "China Bohai Bank"), ("渤海银行", "bohai")),
    "403": Bank(Bilingual("中国邮政储蓄银行", "Postal Savings Bank of China"), ("邮政储蓄", "邮储", "postal savings")),
    **GROUPS,
}
_CODE = 3


def find_bank(*, bank_number: str) -> Bank | None:
    """The bank, or the group of banks, whose code a bank number begins with; None if the table lacks it."""
    return BANKS.get(bank_number[:_CODE])


def fits_bank(*, bank_number: str, bank_name: str) -> bool:
    """
    Whether a number and the name of a bank may be of one bank.

    The name has a word of the number's bank. If many banks share the number's code, or the table lacks it, the name is
    of no bank that has a code of its own.
    """
    code, name = bank_number[:_CODE], bank_name.lower()
    bank = BANKS.get(code)
    has_word = bank is None or any(word in name for word in bank.words)
    return has_word and ((bank is not None and code not in GROUPS) or not re.search(_SINGLE, name))


def fits_bank_in_sql(*, bank_number: Composable, bank_name: Composable) -> Composable:
    """The condition of `fits_bank` in SQL, for texts that are not null."""
    lower = SQL("lower({})").format(bank_name)
    not_single = SQL("{} !~ {}").format(lower, Literal(_SINGLE))
    cases = SQL(" ").join(
        SQL("WHEN {} THEN {} ~ {}").format(Literal(code), lower, Literal(_pattern(bank.words)))
        + (SQL(" AND ") + not_single if code in GROUPS else SQL(""))
        for code, bank in BANKS.items()
    )
    return SQL("(CASE left({}, {}) {} ELSE {} END)").format(bank_number, Literal(_CODE), cases, not_single)


def _pattern(words: tuple[str, ...]) -> str:
    return "|".join(words)


# The beginning of a name of a bank with a code of its own. A branch may be called after another bank's building.
_SINGLE = f"^(中国|china )?({_pattern(tuple(w for c, bank in BANKS.items() if c not in GROUPS for w in bank.words))})"
