"""Industries of GB/T 4754-2017, and how common, how large and how rich their firms are in the city."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from typing import NamedTuple


class Industry(NamedTuple):
    """
    An industry of the city.

    `share` is how many of a thousand firms are in it, `heft` how many times an ordinary firm's staff its
    firms have, `revenue_per_head_cny` what one of the staff earns the firm in a year.
    """

    code: str
    word: str
    share: int
    heft: float
    revenue_per_head_cny: int


INDUSTRIES = (
    Industry("A0141", "农业", 12, 0.8, 180_000),
    Industry("C1811", "服饰", 18, 2.0, 420_000),
    Industry("C1751", "化纤", 8, 3.0, 1_600_000),
    Industry("C2710", "药业", 4, 3.5, 1_900_000),
    Industry("C2927", "塑料制品", 12, 1.4, 700_000),
    Industry("C3311", "金属结构", 16, 1.5, 800_000),
    Industry("C3484", "机械", 22, 1.6, 850_000),
    Industry("C3525", "模具", 10, 1.2, 650_000),
    Industry("C3670", "汽车零部件", 9, 4.0, 1_700_000),
    Industry("C3812", "电机", 7, 3.0, 1_500_000),
    Industry("C3912", "电子", 9, 3.0, 1_800_000),
    Industry("C3973", "集成电路", 3, 3.5, 2_600_000),
    Industry("C4011", "自动化", 8, 1.8, 1_200_000),
    Industry("E4710", "建筑", 22, 2.6, 900_000),
    Industry("E5011", "装饰", 30, 1.0, 600_000),
    Industry("F5123", "果品", 20, 0.6, 1_500_000),
    Industry("F5132", "服装贸易", 55, 0.6, 1_400_000),
    Industry("F5165", "建材", 60, 0.6, 1_800_000),
    Industry("F5211", "百货", 6, 2.5, 1_600_000),
    Industry("F5212", "超市", 16, 1.6, 1_100_000),
    Industry("F5213", "便利店", 30, 0.6, 600_000),
    Industry("F5232", "服装", 40, 0.5, 550_000),
    Industry("F5251", "药房", 14, 0.7, 800_000),
    Industry("F5261", "汽车销售", 10, 1.8, 3_800_000),
    Industry("F5273", "数码", 24, 0.6, 1_500_000),
    Industry("F5292", "电子商务", 75, 0.9, 1_500_000),
    Industry("G5411", "公交客运", 2, 5.0, 300_000),
    Industry("G5431", "运输", 24, 1.2, 500_000),
    Industry("G5523", "航运", 3, 1.5, 900_000),
    Industry("G5611", "航空", 1, 6.0, 1_500_000),
    Industry("G5990", "仓储", 7, 1.4, 700_000),
    Industry("G6020", "快递", 12, 1.8, 350_000),
    Industry("H6110", "大酒店", 4, 4.0, 400_000),
    Industry("H6121", "连锁酒店", 9, 1.4, 350_000),
    Industry("H6210", "餐饮", 44, 1.5, 420_000),
    Industry("H6220", "快餐", 22, 1.0, 380_000),
    Industry("H6231", "茶馆", 8, 0.6, 260_000),
    Industry("H6232", "咖啡", 10, 0.6, 300_000),
    Industry("I6429", "网络科技", 36, 1.3, 900_000),
    Industry("I6513", "软件", 46, 1.4, 700_000),
    Industry("I6531", "信息技术", 28, 1.3, 750_000),
    Industry("K7010", "置业", 8, 1.2, 4_500_000),
    Industry("K7020", "物业服务", 17, 2.6, 240_000),
    Industry("K7030", "房产经纪", 12, 0.7, 320_000),
    Industry("L7241", "税务师事务所", 14, 0.7, 420_000),
    Industry("L7249", "企业管理咨询", 58, 0.5, 480_000),
    Industry("L7251", "广告", 34, 0.6, 600_000),
    Industry("L7263", "人力资源", 9, 3.0, 350_000),
    Industry("L7291", "旅行社", 8, 0.8, 600_000),
    Industry("M7320", "技术研究", 26, 1.0, 550_000),
    Industry("M7484", "工程设计", 16, 1.2, 520_000),
    Industry("M7491", "工业设计", 10, 0.6, 480_000),
    Industry("N7861", "景区管理", 2, 1.6, 420_000),
    Industry("O8010", "家政服务", 14, 0.8, 180_000),
    Industry("O8040", "美容美发", 18, 0.7, 220_000),
    Industry("O8111", "汽车维修", 15, 0.8, 380_000),
    Industry("P8391", "职业培训", 10, 1.0, 260_000),
    Industry("Q8425", "门诊部", 8, 1.4, 450_000),
    Industry("R8760", "影城", 3, 1.2, 400_000),
    Industry("R8930", "健身", 8, 0.8, 240_000),
    Industry("S9225", "事务中心", 3, 2.0, 300_000),
)
BY_CODE = {industry.code: industry for industry in INDUSTRIES}
_BOUNDS = tuple(accumulate(industry.share for industry in INDUSTRIES))


def industry_of(luck: float) -> Industry:
    """The industry that `luck`, from 0 up to 1, picks in proportion to the shares."""
    return INDUSTRIES[bisect(_BOUNDS, int(luck * _BOUNDS[-1]))]


def trade_of(industry_code: str) -> str | None:
    """The trade under which the statistics library keeps a firm of the industry once it is above scale."""
    if industry_code.startswith("F52"):
        return "retail"
    trades = {
        "C": "industry",
        "E": "construction",
        "G": "service",
        "I": "service",
        "L": "service",
        "N": "service",
        "R": "service",
    }
    by_division = {"H62": "catering", "H61": "lodging", "K70": "real_estate"}
    return by_division.get(industry_code[:3]) or trades.get(industry_code[0])
