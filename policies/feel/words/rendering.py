"""How a rule is written or said: whose names, and which words stand for the symbols."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from companies.datasets.catalogue import Fact, FactGroup
from policies.feel import terms
from policies.feel.definitions import ClauseText, ParameterText, TableText
from policies.feel.terms import Term
from policies.feel.types.values import Days, Months, format_duration

# The name of a fact's value, by group, fact and value; empty where a value has none, or is a name by itself.
ValueName = Callable[[str, str, str], str]


def no_name(_group: str, _fact: str, _value: str) -> str:
    """Values are their own names."""
    return ""


@dataclass(frozen=True, slots=True)
class Style:
    """
    A way to write a rule: whose names, and which words stand for the symbols.

    `loops` are the names of the items of loops, by their scopes; `items` the facts that the items are.
    """

    is_chinese: bool
    words: dict[str, str] = field(default_factory=dict)
    loops: dict[int, str] = field(default_factory=dict)
    depth: int = 0
    value_name: ValueName = no_name
    items: dict[int, terms.FactOf] = field(default_factory=dict)

    @property
    def is_plain(self) -> bool:
        """Whether this is for reading only."""
        return bool(self.words)

    def say(self, symbol: str) -> str:
        """A symbol, or the words for it."""
        return self.words.get(symbol, symbol)

    def of(self, whole: str, part: str) -> str:
        """A part of something."""
        if not self.is_plain:
            return f"{whole}.{part}"
        return f"{whole}的{part}" if self.is_chinese else f"{whole} – {part}"

    def kept(self, condition: str) -> str:
        """The condition of a filter."""
        if not self.is_plain:
            return f"[{condition}]"
        return f"（{condition}）" if self.is_chinese else f" ({condition})"

    def over(self, selection: terms.Selection) -> Style:
        """The style of what sees the items of a list."""
        fact = self.fact_behind(selection.source) if isinstance(selection.source, Term) else None
        return replace(self, items={**self.items, selection.scope: fact}) if fact else self

    def fact_behind(self, term: Term) -> terms.FactOf | None:
        """The fact whose value, or values, a term is."""
        if isinstance(term, terms.Item):
            return self.items.get(term.scope)
        if isinstance(term, terms.Projection):
            return self.over(term.selection).fact_behind(term.body)
        if isinstance(term, terms.Single):
            return self.fact_behind(term.source)
        return term if isinstance(term, terms.FactOf) else None

    def value(self, term: Term, beside: Term) -> str:
        """The name of a written value that stands beside a fact; empty where it has none."""
        fact = self.fact_behind(beside)
        if not (self.is_plain and fact and isinstance(term, terms.Constant) and isinstance(term.value, str)):
            return ""
        return self.value_name(fact.record.group.name, fact.fact.name, term.value)

    def name(self, thing: Fact | FactGroup | ParameterText | TableText | ClauseText) -> str:
        """The name of a fact, a group, or of what a version defines."""
        if self.is_chinese:
            return thing.name_zh or thing.name
        title = "" if isinstance(thing, ClauseText) else thing.name_en
        return (title or thing.name) if self.is_plain else thing.name


_LENGTHS = {"Y": ("年", "year"), "M": ("个月", "month"), "D": ("天", "day")}


def say_length(duration: Days | Months, style: Style) -> str:
    """A duration of whole years, months or days as people say it; any other in the standard's form."""
    text = format_duration(duration)
    parts = re.findall(r"(\d+)([YMD])", text)
    if text != "P" + "".join(count + unit for count, unit in parts) or not parts:
        return text
    said = ((count, *_LENGTHS[unit]) for count, unit in parts)
    if style.is_chinese:
        return " ".join(f"{count} {chinese}" for count, chinese, _english in said)
    return " ".join(f"{count} {english}{'' if count == '1' else 's'}" for count, _chinese, english in said)


# The names of functions for those who read Chinese; English names are words already.
FUNCTIONS_ZH: dict[str, str] = {
    "median": "中位数", "stddev": "标准差", "mode": "众数", "product": "连乘积", "all": "全部为真", "any": "任一为真",
    "append": "追加", "concatenate": "合并列表", "distinct values": "去重", "reverse": "倒序", "sort": "排序",
    "sublist": "截取列表", "index of": "查找位置", "remove": "移除", "insert before": "插入", "list replace": "替换项",
    "string join": "连接文字", "upper case": "转大写", "lower case": "转小写", "substring": "截取文字",
    "substring before": "取之前的文字", "substring after": "取之后的文字", "ends with": "结尾为", "matches": "符合模式",
    "replace": "替换文字", "split": "拆分文字", "string": "转为文字", "number": "转为数字", "date": "日期",
    "time": "时刻", "date and time": "日期时间", "hour": "时", "minute": "分", "second": "秒", "hours": "小时数",
    "minutes": "分钟数", "seconds": "秒数", "time offset": "时差", "timezone": "时区",
    "years and months duration": "相隔年月", "day of year": "当年第几天", "week of year": "当年第几周",
    "day of week": "星期名称", "month of year": "月份名称", "exp": "自然指数", "log": "自然对数", "sqrt": "平方根",
    "modulo": "余数", "even": "是偶数", "odd": "是奇数", "decimal": "银行家舍入", "round half down": "五舍六入",
    "is": "完全相同", "flatten": "展开列表",
}  # fmt: skip

FEEL = {"en": Style(is_chinese=False), "zh": Style(is_chinese=True)}
PLAIN = {
    "en": Style(
        is_chinese=False,
        words={
            "=": "is", "!=": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least",
            "and": "and", "or": "or", "not": "not", "null": "unknown", "true": "yes", "false": "no",
            "in": "is one of", "*": "×", "/": "÷",
            "item": "it", "some": "– at least one has", "every": "– each one has", "for": "– each one’s",
        },
    ),
    "zh": Style(
        is_chinese=True,
        words={
            "=": "等于", "!=": "不等于", "<": "小于", "<=": "不大于", ">": "大于", ">=": "不小于",
            "and": "且", "or": "或", "not": "并非", "null": "未知", "true": "是", "false": "否",
            "in": "属于", "if": "如果", "then": "则", "else": "否则", "*": "×", "/": "÷",
            "count": "计数", "sum": "合计", "min": "最小值", "max": "最大值", "mean": "平均值",
            "item": "该项", "some": "至少有一条满足", "every": "每一条都满足", "for": "逐条取",
            "floor": "向下取整", "ceiling": "向上取整", "round up": "向上舍入", "round down": "向下舍入",
            "round half up": "四舍五入", "abs": "绝对值", "contains": "包含", "starts with": "开头为",
            "string length": "字数", "year": "年份", "month": "月份", "day": "日", "weekday": "星期",
            "days": "天数", "years": "年数", "months": "月数", **FUNCTIONS_ZH,
        },
    ),
}  # fmt: skip
