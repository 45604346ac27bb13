"""Ready forms of the rule language for the officer who writes one; a test checks every example."""

from __future__ import annotations

from dataclasses import dataclass

from qinqing.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class Phrase:
    """
    A form of the language: what it says, an example that checks, and the text to insert, in which ▮ marks the cursor.
    """

    says: Bilingual
    example: str
    insert: str


PHRASES: tuple[Phrase, ...] = (
    Phrase(Bilingual("属于其中之一", "is one of"), 'company.industry in ("H61", "H62")', 'in ("▮")'),
    Phrase(
        Bilingual("两数之间（含两端）", "between, both ends included"),
        "tax[year = 2024].revenue between 0 and 5000000",
        "between ▮ and ",
    ),
    Phrase(Bilingual("并且", "and"), 'company.size = "small" and company.standing = "active"', "and ▮"),
    Phrase(Bilingual("或者", "or"), 'company.size = "small" or company.size = "micro"', "or ▮"),
    Phrase(Bilingual("并非", "not"), "not(company.is_government_unit)", "not(▮)"),
    Phrase(
        Bilingual("如果……则……否则……", "if … then … else …"),
        'if company.size = "large" then 0.30 else 0.60',
        "if ▮ then  else ",
    ),
    Phrase(
        Bilingual("行业代码开头（按大类）", "industry by its beginning"),
        'starts with(company.industry, "C")',
        'starts with(company.industry, "▮")',
    ),
    Phrase(Bilingual("取清单中的一条", "one record of a list"), "tax[year = 2024].revenue", "tax[year = ▮]."),
    Phrase(Bilingual("条数", "how many records"), "count(tax[revenue > 0])", "count(▮)"),
    Phrase(Bilingual("名单上没有", "not on a list"), "count(credit) = 0", "count(▮) = 0"),
    Phrase(Bilingual("合计", "the sum"), "sum(tax[year >= 2023].revenue)", "sum(▮)"),
    Phrase(Bilingual("平均", "the average"), "mean(tax.revenue)", "mean(▮)"),
    Phrase(
        Bilingual("最小的一个（封顶）", "the least (a cap)"), "min(tax[year = 2024].revenue * 0.05, 200000)", "min(▮, )"
    ),
    Phrase(
        Bilingual("最大的一个（保底）", "the largest (a floor)"),
        "max(tax[year = 2024].revenue * 0.05, 1000)",
        "max(▮, )",
    ),
    Phrase(
        Bilingual("每满一档", "for each whole step"),
        "floor(tax[year = 2024].revenue / 10000000) * 20000",
        "floor(▮ / ) * ",
    ),
    Phrase(
        Bilingual("四舍五入到若干位小数", "rounded half up to so many decimals"),
        "round half up(tax[year = 2024].revenue / 12, 2)",
        "round half up(▮, 2)",
    ),
    Phrase(
        Bilingual("至少有一条满足", "at least one record fits"),
        "some t in tax satisfies t.revenue > 1000000",
        "some ▮ in  satisfies ",
    ),
    Phrase(
        Bilingual("每一条都满足", "every record fits"),
        "every t in tax satisfies t.revenue > 0",
        "every ▮ in  satisfies ",
    ),
    Phrase(
        Bilingual("逐条计算再合计", "worked out record by record, then summed"),
        "sum(for t in tax return t.revenue * 0.01)",
        "sum(for ▮ in  return )",
    ),
    Phrase(Bilingual("某一天", "a day"), 'company.founded_on >= date("2022-10-01")', 'date("▮")'),
    Phrase(Bilingual("日期中的年份", "the year of a date"), "company.founded_on.year <= 2022", ".year"),
    Phrase(
        Bilingual("一段时间", "a stretch of time"),
        'company.founded_on + duration("P1Y") <= date("2026-01-01")',
        'duration("P▮Y")',
    ),
)
