"""The districts of Hangzhou by GB/T 2260, with the days from and until which they exist."""

from __future__ import annotations

import datetime as dt

from qinqing.kernel.text import Bilingual

# Before 2021 the codes had long been the same; no policy pays by the district of an earlier day.
BEGINNING = dt.date(1949, 10, 1)
REFORM = dt.date(2021, 4, 9)
DISTRICTS = (
    ("330102", "上城区", "Shangcheng", BEGINNING, None),
    ("330103", "下城区", "Xiacheng", BEGINNING, REFORM),
    ("330104", "江干区", "Jianggan", BEGINNING, REFORM),
    ("330105", "拱墅区", "Gongshu", BEGINNING, None),
    ("330106", "西湖区", "Xihu", BEGINNING, None),
    ("330108", "滨江区", "Binjiang", BEGINNING, None),
    ("330109", "萧山区", "Xiaoshan", BEGINNING, None),
    ("330110", "余杭区", "Yuhang", BEGINNING, None),
    ("330111", "富阳区", "Fuyang", BEGINNING, None),
    ("330112", "临安区", "Lin'an", BEGINNING, None),
    ("330113", "临平区", "Linping", REFORM, None),
    ("330114", "钱塘区", "Qiantang", REFORM, None),
    ("330122", "桐庐县", "Tonglu", BEGINNING, None),
    ("330127", "淳安县", "Chun'an", BEGINNING, None),
    ("330182", "建德市", "Jiande", BEGINNING, None),
)


def district_choices() -> list[tuple[str, str]]:
    """The districts there are today as choices of a form; the first is the whole city."""
    named = ((code, str(Bilingual(zh, en))) for code, zh, en, _from, until in DISTRICTS if until is None)
    return [("", "–"), *((code, f"{code} {name}") for code, name in named)]
