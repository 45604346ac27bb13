"""What a rule may not be, and what the officer reads: where, why, and what to write instead."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

import policies.feel
from policies.feel.checking.check import check
from policies.feel.messages.errors import FeelError
from policies.feel.messages.sentences import SENTENCES
from policies.feel.types.types import FeelType
from tests.spec.engines import CATALOGUE

TABLE = [
    # rule, code, the text it points at
    ("", "empty", ""),
    ("   ", "empty", "   "),
    ("1 +", "ends_early", ""),
    ("(1", "ends_early", ""),
    ("1 2", "unexpected", "2"),
    ("if true 1 else 2", "expected", "1"),
    ("if true then 1", "ends_early", ""),
    ("count(tax", "ends_early", ""),
    ("sum(tax.revenue]", "expected", "]"),
    ("1 == 1", "write_instead", "=="),
    ("“a” = 1", "write_instead", "“"),
    ("company.staff ＝ 1", "write_instead", "＝"),
    ("min（1，2）", "write_instead", "（"),
    ("company.staff ≥ 1", "write_instead", "≥"),
    ("true && false", "write_instead", "&"),
    ("company.staff > 5%", "write_instead", "%"),
    ("1 # 2", "strange_character", "#"),
    ("1 \x00 2", "strange_character", "\x00"),
    ('"abc', "open_text", '"'),
    ("/* abc", "open_comment", "/"),
    (r'"\Uffffff"', "bad_escape", r'"\Uffffff"'),
    (r'"\u0000"', "bad_character", r'"\u0000"'),
    (r'"\ud83d"', "bad_character", r'"\ud83d"'),
    ("1e99", "number_too_long", "1e99"),
    ("1e99999999999999999999", "number_too_long", "1e99999999999999999999"),
    ("0." + "1" * 40, "number_too_long", "0." + "1" * 40),
    ('date("2021-02-30")', "bad_date", '"2021-02-30"'),
    ('date("30.2.2021")', "bad_date", '"30.2.2021"'),
    ('duration("1Y")', "bad_duration", '"1Y"'),
    ('@"soon"', "bad_moment", '@"soon"'),
    ("{a: 1, a: 2}", "duplicate_entry", "a"),
    ("{a: 1}.b", "unknown_entry", "b"),
    ("{price: 1}.prices", "unknown_entry_near", "prices"),
    ("[{a: 1}][a < company.staff]", "structure_filter", "a < company.staff"),
    ("if company.is_state_owned then {a: 1} else {a: 2}", "structure_choice",
     "if company.is_state_owned then {a: 1} else {a: 2}"),
    ("for x in [1, 2] return [x]", "structure_loop", "[x]"),
    ("for t in tax, x in [1] return x", "loops_over_records", "for t in tax, x in [1] return x"),
    ("{a: 1, b: [a, a, a, a, a, a, a, a], c: [b, b, b, b, b, b, b, b], d: [c, c, c, c, c, c, c, c],"
     " e: [d, d, d, d, d, d, d, d, d, d]}", "too_many_parts",
     "{a: 1, b: [a, a, a, a, a, a, a, a], c: [b, b, b, b, b, b, b, b], d: [c, c, c, c, c, c, c, c],"
     " e: [d, d, d, d, d, d, d, d, d, d]}"),
    ("for i in 0..60 return if i = 0 then 1 else 2 * partial[-1]", "too_deep",
     "for i in 0..60 return if i = 0 then 1 else 2 * partial[-1]"),
    ("context({key: company.district, value: 1})", "bad_entries", "context({key: company.district, value: 1})"),
    ("company.staff instance of amount", "unknown_type", "company.staff instance of"),
    ("1 instance of list<list<amount>>", "unknown_type", "1 instance of"),
    ("1(2)", "not_a_function", "1"),
    ("(function(a) a)(1, 2)", "wrong_parameters", "function(a) a)(1, 2)"),
    ("sort([1, 2])", "sort", "sort([1, 2])"),
    ("sort([1, 2], function(x, y) x + 1 < y)", "sort", "sort([1, 2], function(x, y) x + 1 < y)"),
    ("sort([[1], 2], function(x, y) x < y)", "cannot_compare", "sort([[1], 2], function(x, y) x < y)"),
    ("sort([true], function(x, y) x < y)", "cannot_compare", "sort([true], function(x, y) x < y)"),
    ("tax.revenue[1]", "no_order_in_records", "tax.revenue[1]"),
    ("sublist(append(tax.revenue, 1), 1)", "no_order_in_records", "sublist(append(tax.revenue, 1), 1)"),
    ("distinct values(tax.year)[item > 2000][1]", "no_order_in_records", "distinct values(tax.year)[item > 2000][1]"),
    ("(for v in distinct values(tax.revenue) return v)[1]", "no_order_in_records",
     "for v in distinct values(tax.revenue) return v)[1]"),
    ("sublist((for v in distinct values(tax.revenue) return v), 1, 1)", "no_order_in_records",
     "sublist((for v in distinct values(tax.revenue) return v), 1, 1)"),
    ("concatenate(tax.year, [1])[item > 1][1]", "no_order_in_records", "concatenate(tax.year, [1])[item > 1][1]"),
    ("(for a in [1, 2], v in distinct values(tax.year) return v)[1]", "no_order_in_records",
     "for a in [1, 2], v in distinct values(tax.year) return v)[1]"),
    ("distinct values(tax.year) = [2019, 2018]", "no_order_in_records", "distinct values(tax.year) = [2019, 2018]"),
    ("distinct values(tax.year) in ([2019, 2018])", "no_order_in_records", "[2019, 2018]"),
    ("distinct values(tax.year) in [[2019, 2018]]", "no_order_in_records", "[2019, 2018]"),
    ("{a: distinct values(tax.year)}.a in ([2019, 2018])", "no_order_in_records", "[2019, 2018]"),
    ("concatenate(tax.year, [1]) in ([2019, 1])", "no_order_in_records", "[2019, 1]"),
    ("if distinct values(tax.year) in ([2019, 2018]) then 1 else 2", "no_order_in_records", "[2019, 2018]"),
    ("[2019, 2018] in (distinct values(tax.year))", "no_order_in_records", "distinct values(tax.year)"),
    ("index of(tax.revenue, null)", "no_order_in_records", "index of(tax.revenue, null)"),
    ("string join(credit.kind)", "no_order_in_records", "string join(credit.kind)"),
    ("before(1, (< 5))", "wrong_arguments", "before(1, (< 5))"),
    ('before(1, "a")', "cannot_compare", 'before(1, "a")'),
    ('range("[2..1]")', "bad_range", 'range("[2..1]")'),
    ("range(company.district)", "bad_range", "range(company.district)"),
    ("(!= 1) = (!= 1)", "stray_test", "(!= 1)"),
    ("for i in [3..1] return i", "bad_series", "[3..1]"),
    ('for i in "a".."b" return i', "no_series", '"a"'),
    ("for i in 1..2000 return i", "long_series", "1"),
    ("for i in 1..company.staff return partial", "partial", "for i in 1..company.staff return partial"),
    ('date and time("2021-01-01 00:00:00")', "bad_date_and_time", '"2021-01-01 00:00:00"'),
    ('time("24:01:00")', "bad_time", '"24:01:00"'),
    ('for x in [@"2021-01-01T00:00:00@Asia/Shanghai"] return x + @"PT1H"', "named_zone",
     'for x in [@"2021-01-01T00:00:00@Asia/Shanghai"] return x + @"PT1H"'),
    ("function(a) a", "no_answer", "function(a) a"),
    ("matches(company.district, company.size)", "written_pattern", "matches(company.district, company.size)"),
    ('matches("a", "(b")', "bad_pattern", 'matches("a", "(b")'),
    (r'matches("a", "(a)\1")', "pattern_reference", r'matches("a", "(a)\1")'),
    ("duration(company.size)", "written_duration", "duration(company.size)"),
    ('duration("P1Y", 2)', "written_duration", 'duration("P1Y", 2)'),
    ('matches("a", "b", "g")', "bad_flags", 'matches("a", "b", "g")'),
    ('matches("a", "(b+)*")', "pattern_repeats", 'matches("a", "(b+)*")'),
    ('matches("a", "a*b*c*")', "pattern_too_large", 'matches("a", "a*b*c*")'),
    ('matches("a", "b{200}")', "pattern_too_large", 'matches("a", "b{200}")'),
    ('replace("a", "a|ab", "c")', "pattern_ambiguous", 'replace("a", "a|ab", "c")'),
    ('split("a", ";*")', "pattern_empty", 'split("a", ";*")'),
    ('replace("a", "a", "$")', "bad_replacement", 'replace("a", "a", "$")'),
    ("now()", "unsupported", "now"),
    ("compny.staff", "unknown_name_near", "compny"),
    ("whatever", "unknown_name", "whatever"),
    ("company.stuff > 1", "unknown_fact_near", "stuff"),
    ("tax[yaer = 2019].revenue", "unknown_name_near", "yaer"),
    ("company.zzzz > 1", "unknown_fact", "zzzz"),
    ("roundhalfup(1, 2)", "unknown_function_near", "roundhalfup"),
    ("qwx(1)", "unknown_function", "qwx"),
    ("count > 1", "function_without_call", "count"),
    ("company = 1", "group_as_value", "company"),
    ("tax > 1", "list_as_value", "tax"),
    ("sum(tax)", "list_as_value", "tax"),
    ("company.founded_on.hour", "unknown_part", "hour"),
    ("company.staff.year", "no_parts", "year"),
    ("company.staff.x", "no_parts", "x"),
    ("tax[1].revenue", "no_position", "1"),
    ("[1, 2][item + 1]", "not_boolean", "item + 1"),
    ("tax[revenue].revenue", "no_position", "revenue"),
    ("credit[kind].kind", "not_boolean", "kind"),
    ("for x in company.staff return x", "not_a_list", "company.staff"),
    ('company.staff + "1"', "wrong_operands", 'company.staff + "1"'),
    ("true * 2", "wrong_operands", "true * 2"),
    ('-"a"', "wrong_operand", '-"a"'),
    ("[10] * 10", "wrong_operands", "[10] * 10"),
    ('company.staff = "1"', "cannot_compare", 'company.staff = "1"'),
    ("company.is_state_owned < true", "no_order", "company.is_state_owned < true"),
    ("company.staff and true", "not_boolean", "company.staff"),
    ("not(1)", "not_boolean", "1"),
    ("not()", "wrong_arguments", "not()"),
    ("if company.staff then 1 else 2", "not_boolean", "company.staff"),
    ('if true then 1 else "a"', "branches", 'if true then 1 else "a"'),
    ("floor()", "wrong_arguments", "floor()"),
    ('floor("1")', "wrong_arguments", 'floor("1")'),
    ("floor(n: 1, scal: 1)", "wrong_arguments", "floor(n: 1, scal: 1)"),
    ("floor(1, 2, 3)", "wrong_arguments", "floor(1, 2, 3)"),
    ("sum()", "wrong_arguments", "sum()"),
    ('sum("a")', "wrong_arguments", 'sum("a")'),
    ("sum(values: [1])", "wrong_arguments", "sum(values: [1])"),
    ("count(company.staff)", "wrong_arguments", "count(company.staff)"),
    ('[1, "a"]', "mixed_list", '"a"'),
    ("1 in [[1], [2]]", "nested_list", "[1]"),
    ("1 in []", "empty_tests", "1 in []"),
    ("null in (1, 2)", "null_operand", "null"),
    ("1 in [null..2]", "null_range", "[null..2]"),
    ("[1..2]", "no_answer", "[1..2]"),
    ("[1, 2] < [3]", "list_equality", "[1, 2] < [3]"),
    ("[1, null] = [1]", "list_equality", "[1, null] = [1]"),
    ("2 ** 1001", "exponent", "2 ** 1001"),
    ("date(-5, 1, 1)", "year", "date(-5, 1, 1)"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "code", "place"), TABLE, ids=[repr(rule) for rule, *_ in TABLE])
def test_a_refusal_says_where_and_why(rule: str, code: str, place: str) -> None:
    with pytest.raises(FeelError) as refused:
        check(rule, catalogue=CATALOGUE)
    refusal = refused.value
    assert refusal.code == code, refusal.message
    assert rule[refusal.position : refusal.position + refusal.length] == place
    assert refusal.message.endswith((".", "?"))
    assert refusal.message_zh.endswith(("。", "？"))


def test_did_you_mean_in_both_languages() -> None:
    with pytest.raises(FeelError) as refused:
        check('企业.所属区 = "330106"', catalogue=CATALOGUE)
    assert refused.value.message == "“company” has no fact “所属区”. Did you mean “所属区县”?"
    assert refused.value.message_zh == "“企业”没有名为“所属区”的事实，是否指“所属区县”？"


def test_a_clause_must_be_a_condition_and_an_amount_a_number() -> None:
    assert check("company.staff > 1", catalogue=CATALOGUE, expects=FeelType.BOOLEAN).type == FeelType.BOOLEAN
    assert check("null", catalogue=CATALOGUE, expects=FeelType.NUMBER).type == FeelType.NUMBER
    with pytest.raises(FeelError, match="gives a number, but yes or no is needed"):
        check("company.staff", catalogue=CATALOGUE, expects=FeelType.BOOLEAN)
    with pytest.raises(FeelError, match="gives text, but a number is needed"):
        check('"100"', catalogue=CATALOGUE, expects=FeelType.NUMBER)


def test_every_refusal_has_its_sentence_and_every_sentence_is_used() -> None:
    used = {code for path in Path(policies.feel.__file__).parent.rglob("*.py") for code in _codes(path)}
    near = {"unknown_name", "unknown_fact", "unknown_function", "unknown_entry"}
    assert used | near | {f"{code}_near" for code in near} == set(SENTENCES)


def _codes(path: Path) -> list[str]:
    texts = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
    return [text for text in texts if path.name != "sentences.py" and text in SENTENCES]


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_fill_the_same_places(code: str) -> None:
    english, chinese = ({name for _, name, _, _ in string.Formatter().parse(text) if name} for text in SENTENCES[code])
    assert {name.removesuffix("_zh") for name in chinese} == english
