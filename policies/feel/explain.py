"""A checked rule shown back: in the rule language itself with English or Chinese names, or in plain words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import singledispatch

from companies.catalogue import Fact, FactGroup
from policies.feel import terms
from policies.feel.check import Expression
from policies.feel.definitions import AS_OF, AS_OF_ZH, ClauseText, ParameterText, TableText
from policies.feel.functions import OPERATORS, PARTS
from policies.feel.functions.lists import ALL, ANY
from policies.feel.functions.periods import START_OF_PERIOD
from policies.feel.functions.sequences import SORTS
from policies.feel.moments import moment_text
from policies.feel.terms import Term
from policies.feel.values import DateTime, Days, Months, Time, duration_text, plain

# How tightly a written form binds; what binds looser than its place needs parentheses.
OR, AND, COMPARE, ADD, MULTIPLY, POWER, UNARY, TIGHT = range(1, 9)
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
BINDS = {"+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY, "**": POWER}


@dataclass(frozen=True, slots=True)
class Voice:
    """A way to write a rule: whose names, and which words stand for the symbols."""

    is_chinese: bool
    words: dict[str, str] = field(default_factory=dict)
    loops: dict[int, str] = field(default_factory=dict)
    depth: int = 0

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

    def name(self, thing: Fact | FactGroup | ParameterText | TableText | ClauseText) -> str:
        """The name of a fact, a group, or of what a version defines."""
        if self.is_chinese:
            return thing.name_zh or thing.name
        title = "" if isinstance(thing, ClauseText) else thing.name_en
        return (title or thing.name) if self.is_plain else thing.name


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

FEEL = {"en": Voice(is_chinese=False), "zh": Voice(is_chinese=True)}
PLAIN = {
    "en": Voice(
        is_chinese=False,
        words={
            "=": "is", "!=": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least",
            "and": "and", "or": "or", "not": "not", "null": "unknown", "true": "yes", "false": "no",
            "in": "is one of", "*": "×", "/": "÷",
            "some": "– at least one has", "every": "– each one has", "for": "– each one’s",
        },
    ),
    "zh": Voice(
        is_chinese=True,
        words={
            "=": "等于", "!=": "不等于", "<": "小于", "<=": "不大于", ">": "大于", ">=": "不小于",
            "and": "且", "or": "或", "not": "并非", "null": "未知", "true": "是", "false": "否",
            "in": "属于", "if": "如果", "then": "则", "else": "否则", "*": "×", "/": "÷",
            "count": "计数", "sum": "合计", "min": "最小值", "max": "最大值", "mean": "平均值",
            "some": "至少有一条满足", "every": "每一条都满足", "for": "逐条取",
            "floor": "向下取整", "ceiling": "向上取整", "round up": "向上舍入", "round down": "向下舍入",
            "round half up": "四舍五入", "abs": "绝对值", "contains": "包含", "starts with": "开头为",
            "string length": "字数", "year": "年份", "month": "月份", "day": "日", "weekday": "星期",
            "days": "天数", "years": "年数", "months": "月数", **FUNCTIONS_ZH,
        },
    ),
}  # fmt: skip


def shown(expression: Expression, *, language: str) -> str:
    """The rule in the rule language, with the names of `language` ("en" or "zh…"); it checks to the same rule."""
    return _write(expression.node, FEEL[language[:2]], 0)


def explained(expression: Expression, *, language: str) -> str:
    """The rule in plain words of `language` ("en" or "zh…"), for people who do not read the rule language."""
    return _write(expression.node, PLAIN[language[:2]], 0)


def canonical(term: Term) -> str:
    """A term in the rule language with English identifiers."""
    return _write(term, FEEL["en"], 0)


def _write(term: Term, voice: Voice, place: int) -> str:
    text, binds = _written(term, voice)
    return f"({text})" if binds < place else text


@singledispatch
def _written(term: Term, voice: Voice) -> tuple[str, int]:
    raise AssertionError(f"{type(term).__name__} is never shown by itself")


@_written.register
def _(term: terms.Constant, voice: Voice) -> tuple[str, int]:
    return _constant(term.value, voice), TIGHT


def _constant(value: object, voice: Voice) -> str:
    if value is None or isinstance(value, bool):
        return voice.say("null" if value is None else str(value).lower())
    if isinstance(value, Decimal):
        # A year has no thousands; an amount of money does.
        return f"{value:,f}" if voice.is_plain and abs(value) >= 10_000 else plain(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dt.date):
        return value.isoformat() if voice.is_plain else f'date("{value.isoformat()}")'
    if isinstance(value, DateTime | Time):
        return moment_text(value) if voice.is_plain else f'@"{moment_text(value)}"'
    assert isinstance(value, Days | Months)
    return duration_text(value) if voice.is_plain else f'duration("{duration_text(value)}")'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return '"' + escaped.replace("\t", "\\t") + '"'


@_written.register
def _(term: terms.GivenFact, voice: Voice) -> tuple[str, int]:
    return voice.name(term.fact), TIGHT


@_written.register
def _(term: terms.FactOf, voice: Voice) -> tuple[str, int]:
    fact = voice.name(term.fact)
    if term.record.scope is not None:
        loop = voice.loops.get(term.record.scope)
        return (f"{loop}.{fact}" if loop else fact), TIGHT
    return voice.of(voice.name(term.record.group), fact), TIGHT


@_written.register
def _(term: terms.Item, voice: Voice) -> tuple[str, int]:
    return voice.loops.get(term.scope, "item"), TIGHT


@_written.register
def _(term: terms.With, voice: Voice) -> tuple[str, int]:
    # The operand stands where its item does; a range or list of tests is shown test by test.
    inner = replace(voice, loops={**voice.loops, term.scope: _write(term.value, voice, ADD)})
    return _written(term.body, inner)


@_written.register
def _(term: terms.Call, voice: Voice) -> tuple[str, int]:
    name, arguments = term.function.name, term.arguments
    if name in OPERATORS and len(arguments) == 2:
        binds = BINDS[name]
        left, right = _write(arguments[0], voice, binds), _write(arguments[1], voice, binds + 1)
        return f"{left} {voice.say(name)} {right}", binds
    if name in COMPARISONS:
        return _comparison(_write(arguments[0], voice, ADD), name, _write(arguments[1], voice, ADD), voice), COMPARE
    if name == "-":
        return f"-{_write(arguments[0], voice, UNARY)}", UNARY
    special = _called_in_its_own_way(term, voice)
    if special:
        return special
    if any(term.function in parts for parts in PARTS.values()):
        return voice.of(_write(arguments[0], voice, TIGHT), voice.say(name)), TIGHT
    return f"{voice.say(name)}({_list(arguments, voice)})", TIGHT


def _called_in_its_own_way(term: terms.Call, voice: Voice) -> tuple[str, int] | None:
    """The few built-ins that are not written as a name and arguments."""
    function, arguments = term.function, term.arguments
    if function.name == "item at":
        return f"{_write(arguments[0], voice, TIGHT)}[{_write(arguments[1], voice, 0)}]", TIGHT
    flags = next((each.flags for each in arguments if isinstance(each, terms.Pattern) and each.flags), "")
    if flags:
        return f"{voice.say(function.name)}({_list(arguments, voice)}, {_quoted(flags)})", TIGHT
    if function.name == "sort":
        symbol = next(symbol for (_, symbol), row in SORTS.items() if row is function)
        return f"{voice.say('sort')}({_write(arguments[0], voice, 0)}, function(x, y) x {symbol} y)", TIGHT
    if function.name == "..":
        series = f"{_write(arguments[0], voice, ADD)}..{_write(arguments[1], voice, ADD)}"
        return (series, TIGHT) if voice.is_plain else (f"for i in {series} return i", 0)
    return None


def _list(items: tuple[Term, ...], voice: Voice) -> str:
    return ("、" if voice.is_plain and voice.is_chinese else ", ").join(_write(item, voice, 0) for item in items)


@_written.register
def _(term: terms.Comparison, voice: Voice) -> tuple[str, int]:
    return _comparison(_write(term.left, voice, ADD), term.symbol, _write(term.right, voice, ADD), voice), COMPARE


def _comparison(left: str, symbol: str, right: str, voice: Voice) -> str:
    return f"{left} {voice.say(symbol)} {right}"


@_written.register
def _(term: terms.IsNull, voice: Voice) -> tuple[str, int]:
    return _comparison(_write(term.operand, voice, ADD), "=", voice.say("null"), voice), COMPARE


@_written.register
def _(term: terms.Not, voice: Voice) -> tuple[str, int]:
    return f"{voice.say('not')}({_write(term.operand, voice, 0)})", TIGHT


@_written.register
def _(term: terms.Junction, voice: Voice) -> tuple[str, int]:
    binds = AND if term.symbol == "and" else OR
    return f" {voice.say(term.symbol)} ".join(_write(part, voice, binds + 1) for part in term.parts), binds


@_written.register
def _(term: terms.OneOf, voice: Voice) -> tuple[str, int]:
    options = _list(term.options, voice)
    return f"{_write(term.operand, voice, ADD)} {voice.say('in')} ({options})", COMPARE


@_written.register
def _(term: terms.Choice, voice: Voice) -> tuple[str, int]:
    parts = (("if", term.condition), ("then", term.then), ("else", term.otherwise))
    return " ".join(f"{voice.say(word)} {_write(part, voice, 0)}" for word, part in parts), 0


@_written.register
def _(term: terms.Listing, voice: Voice) -> tuple[str, int]:
    return f"[{_list(term.items, voice)}]", TIGHT


@_written.register
def _(term: terms.Selection, voice: Voice) -> tuple[str, int]:
    source = voice.name(term.source) if isinstance(term.source, FactGroup) else _write(term.source, voice, TIGHT)
    return source + "".join(voice.kept(_write(condition, voice, 0)) for condition in term.conditions), TIGHT


@_written.register
def _(term: terms.Projection, voice: Voice) -> tuple[str, int]:
    selection, body = term.selection, term.body
    if isinstance(body, terms.Item) and body.scope == selection.scope:
        return _written(selection, voice)
    if isinstance(body, terms.FactOf) and body.record.scope == selection.scope:
        return voice.of(_write(selection, voice, TIGHT), voice.name(body.fact)), TIGHT
    return _loop(("for", "return"), term, voice), 0


@_written.register
def _(term: terms.Pattern, voice: Voice) -> tuple[str, int]:
    return _quoted(term.text), TIGHT


@_written.register
def _(term: terms.Chain, voice: Voice) -> tuple[str, int]:
    if voice.is_plain:
        return _pairs(term, voice), 0
    loops: list[str] = []
    body: Term = term
    while isinstance(body, terms.Chain | terms.Projection):
        source = _write(body.selection, voice, 0)
        name, voice = _named(body.selection.scope, voice)
        loops.append(f"{name} in {source}")
        is_last, body = isinstance(body, terms.Projection), body.body
        if is_last:
            return f"for {', '.join(loops)} return {_write(body, voice, 0)}", 0
    # The innermost list is no loop: its values are what the last variable runs over.
    last, _ = _named(-term.selection.scope, voice)
    return f"for {', '.join(loops)}, {last} in {_write(body, voice, 0)} return {last}", 0


@_written.register
def _(term: terms.Context, voice: Voice) -> tuple[str, int]:
    entries = zip(term.names, term.values, strict=True)
    return "{" + ", ".join(f"{_quoted(name)}: {_write(value, voice, 0)}" for name, value in entries) + "}", TIGHT


@_written.register
def _(term: terms.Assorted, voice: Voice) -> tuple[str, int]:
    return f"[{_list(term.items, voice)}]", TIGHT


def _pairs(term: terms.Chain, voice: Voice) -> str:
    """Lists that are gone through together, for people."""
    sources, body = [], term.body
    sources.append(_write(term.selection, voice, 0))
    while isinstance(body, terms.Chain | terms.Projection):
        sources.append(_write(body.selection, voice, 0))
        body = body.body
    return f"{' × '.join(sources)} {voice.say('for')} ({_write(body, voice, 0)})"


def _named(scope: int, voice: Voice) -> tuple[str, Voice]:
    """The name of a loop's variable, and the voice inside the loop."""
    name = ("各项" if voice.is_chinese else "each") + (str(voice.depth + 1) if voice.depth else "")
    return name, replace(voice, loops={**voice.loops, scope: name}, depth=voice.depth + 1)


def _loop(words: tuple[str, str], term: terms.Projection, voice: Voice) -> str:
    source = _write(term.selection, voice, 0)
    if voice.is_plain:
        return f"{source} {voice.say(words[0])} ({_write(term.body, voice, 0)})"
    name, inner = _named(term.selection.scope, voice)
    return f"{words[0]} {name} in {source} {words[1]} {_write(term.body, inner, 0)}"


@_written.register
def _(term: terms.Aggregation, voice: Voice) -> tuple[str, int]:
    if term.function in (ANY, ALL) and isinstance(term.source, terms.Projection):
        return _loop(("some" if term.function is ANY else "every", "satisfies"), term.source, voice), 0
    return f"{voice.say(term.function.name)}({_write(term.source, voice, 0)})", TIGHT


@_written.register
def _(term: terms.AsOf, voice: Voice) -> tuple[str, int]:
    if voice.is_plain:
        return ("基准日" if voice.is_chinese else "the as-of date"), TIGHT
    return (AS_OF_ZH if voice.is_chinese else AS_OF), TIGHT


@_written.register
def _(term: terms.NamedClause, voice: Voice) -> tuple[str, int]:
    if not voice.is_plain:
        return voice.name(term.clause), TIGHT
    title = term.clause.title_zh if voice.is_chinese else term.clause.title_en
    return (f"“{title}”" if title else _write(term.body, voice, TIGHT)), TIGHT


@_written.register
def _(term: terms.ParameterOn, voice: Voice) -> tuple[str, int]:
    name = voice.name(term.parameter)
    if isinstance(term.on, terms.AsOf):
        return name, TIGHT
    is_period = isinstance(term.on, terms.Call) and term.on.function in START_OF_PERIOD
    on = term.on.arguments[0] if is_period and isinstance(term.on, terms.Call) else term.on
    return f"{name}({_write(on, voice, 0)})", TIGHT


@_written.register
def _(term: terms.Decision, voice: Voice) -> tuple[str, int]:
    name, inputs = voice.name(term.table), _list(term.inputs, voice)
    if voice.is_plain:
        return (f"按“{name}”表（{inputs}）" if voice.is_chinese else f"the table “{name}” ({inputs})"), TIGHT
    return (f"{name}({inputs})" if term.is_called else name), TIGHT


@_written.register
def _(term: terms.Single, voice: Voice) -> tuple[str, int]:
    return _written(term.source, voice)
