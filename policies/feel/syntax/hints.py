"""Hints for words of spreadsheets, of SQL and of everyday speech: how a rule says the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

WORDS: dict[str, str] = {
    "AND": "and",
    "OR": "or",
    "NOT": "not(…)",
    "且": "and",
    "并且": "and",
    "同时": "and",
    "或": "or",
    "或者": "or",
    "如果": "if … then … else …",
    "那么": "then",
    "则": "then",
    "否则": "else",
    "非": "not(…)",
    "属于": "in (…)",
    "不属于": "not(… in (…))",
    "以": 'starts with(text, "C")',
    "与": "and",
    "等于": "=",
    "大于": ">",
    "小于": "<",
    "IF": "if … then … else …",
    "case": "if … then … else …",
    "when": "if … then … else …",
    "like": 'starts with(text, "C")',
    "LIKE": 'starts with(text, "C")',
    "IN": "in",
    "BETWEEN": "between",
    "TRUE": "true",
    "FALSE": "false",
    "大于等于": ">=",
    "小于等于": "<=",
    "不小于": ">=",
    "不大于": "<=",
    "不少于": ">=",
    "不超过": "<=",
    "不等于": "!=",
    "包含": "contains(text, part)",
    "contains": "contains(text, part)",
    "is": "=",
    "mod": "modulo(number, divisor)",
}
FUNCTIONS: dict[str, str] = {
    "year": "….year",
    "month": "….month",
    "day": "….day",
    "days": "(day2 - day1).days",
    "datediff": "(day2 - day1).days",
    "avg": "mean(…)",
    "average": "mean(…)",
    "len": "string length(…)",
    "length": "string length(…)",
    "round": "round half up(number, 2)",
    "left": "substring(text, 1, 2)",
    "mid": "substring(text, 2, 3)",
    "exists": "count(…) > 0",
    "empty": "count(…) = 0",
    "is empty": "count(…) = 0",
    "isempty": "count(…) = 0",
    "isnull": "… = null",
    "is null": "… = null",
    "std": "stddev(…)",
    "if": "if … then … else …",
    "today": "as_of",
    "now": "as_of",
    "startswith": "starts with(text, beginning)",
    "iif": "if … then … else …",
    "endswith": "ends with(text, ending)",
    "date diff": "(day2 - day1).days",
    "coalesce": "if … != null then … else …",
    "countif": "count(records[condition])",
    "sumif": "sum(records[condition].fact)",
    "upper": "upper case(…)",
    "lower": "lower case(…)",
    "trim": "replace(…)",
    "concat": "text + text",
    "power": "number ** exponent",
    "isblank": "… = null",
    "ifnull": "if … != null then … else …",
    "nvl": "if … != null then … else …",
    "ifs": "if … then … else if … then … else …",
    "switch": "if … then … else if … then … else …",
    "vlookup": "a decision table",
    "lookup": "a decision table",
    "countifs": "count(records[condition])",
    "sumifs": "sum(records[condition].fact)",
    "sumproduct": "sum(for record in records return …)",
    "averageif": "mean(records[condition].fact)",
    "averageifs": "mean(records[condition].fact)",
    "datedif": "(day2 - day1).days",
    "edate": 'day + duration("P12M")',
    "dateadd": 'day + duration("P30D")',
    "date_add": 'day + duration("P30D")',
    "years": "years and months duration(day1, day2).years",
    "age": "years and months duration(day1, day2).years",
    "int": "floor(number)",
    "roundup": "round up(number, 2)",
    "rounddown": "round down(number, 2)",
    "text": "string(…)",
    "right": "substring(text, -2)",
    "find": "contains(text, part)",
    "search": "contains(text, part)",
    "distinct": "distinct values(…)",
}
_SIGNS = {"<>": "!=", "=>": ">=", "=<": "<="}
_APART = re.compile(r"([<>!])\s+\Z")
_SCALES = {"万": 4, "亿": 8, "million": 6, "billion": 9}
_SCALED = re.compile(r"(?<!\d)(\d{1,30}(?:\.\d{1,30})?) ?(万|亿|million|billion)")
_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_SPAN = re.compile(r"(\d{1,4}) ?(年|个月|天|日)(?!\d)")
_SPANS = {"年": "Y", "个月": "M", "天": "D", "日": "D"}
_THOUSANDS = re.compile(r"\d{1,3}(?:[,，]\d{3})+")
_WRITTEN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_THOUSANDS, lambda number: re.sub("[,，]", "", number[0])),
    (_SCALED, lambda number: f"{Decimal(number[1]).scaleb(_SCALES[number[2]]):f}"),
    (_SPAN, lambda span: f'duration("P{span[1]}{_SPANS[span[2]]}")'),
    (_DAY, lambda day: f'date("{day[1]}-{day[2]:0>2}-{day[3]:0>2}")'),
)
_LAST_WORD = re.compile(r"([^\W\d]\w*)\s*\Z")
_OTHERWISE = (
    (re.compile(r"not .+", re.IGNORECASE), "not(…)"),
    (re.compile(r".+ is not null", re.IGNORECASE), "… != null"),
    (re.compile(r".+ is null", re.IGNORECASE), "… = null"),
    (re.compile(r".+ not", re.IGNORECASE), "not(… in (…))"),
    (re.compile(r"(null|none)", re.IGNORECASE), "null"),
    (re.compile(r"true", re.IGNORECASE), "true"),
    (re.compile(r"false", re.IGNORECASE), "false"),
    (re.compile(r"不是 ?.+"), "not(…)"),
    (re.compile(r"是"), "true"),
    (re.compile(r"否"), "false"),
    (re.compile(r"空|未知"), "null"),
)


def find_foreign_word(text: str, position: int, found: str) -> tuple[int, str, str] | None:
    """Where a word of another language stands at a place or just before it, the word, and what a rule writes."""
    if found in WORDS:
        return position, found, WORDS[found]
    if (sign := text[position - 1 : position + 1]) in _SIGNS:
        return position - 1, sign, _SIGNS[sign]
    if found == "=" and (apart := _APART.search(text[:position])):
        return apart.start(), text[apart.start() : position + 1], f"{apart[1]}="
    for pattern, written in _WRITTEN:
        for value in pattern.finditer(text):
            if value.start() < position < value.end():
                return value.start(), value[0], written(value)
    before = _LAST_WORD.search(text[:position])
    if before and before[1] in WORDS:
        return before.start(1), before[1], WORDS[before[1]]
    return None


def suggest_phrase(name: str) -> str | None:
    """What a rule writes for words that were read as one name, like “not x” or “x is null”."""
    for pattern, instead in _OTHERWISE:
        if pattern.fullmatch(name):
            return instead
    return None


def suggest_function(name: str) -> str | None:
    """What a rule writes for a function of another language."""
    return FUNCTIONS.get(name.lower())
