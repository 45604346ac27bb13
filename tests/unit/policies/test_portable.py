"""A policy as a file: the reader finds what the writer wrote, and refuses with a sentence what is no policy."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from decimal import Decimal

import pytest
from defusedxml.ElementTree import fromstring

from companies.contracts.facts import catalogue
from policies.authoring.parts import ClauseText, ExampleText, ParameterText, TableText, ValueText
from policies.feel.definitions import LIMIT_VALUES
from policies.portable.names import DMNDI
from policies.portable.read_dmn import LIMIT_BYTES, UnreadablePolicy, read
from policies.portable.text import GroupText, NamedText, PolicyText
from policies.portable.write_dmn import write

pytestmark = pytest.mark.usefixtures("in_english")


POLICY = PolicyText(
    header={"code": "P-99", "title_zh": "稳岗 <试行> & 补贴", "title_en": "Keep staff", "department": "labour"},
    fields={"opens_on": "2023-10-01", "granted_cny": "1000000.00", "cap_cny": "", "track": "instant"},
    clauses=(
        ClauseText("制造业", "Manufacturing", 'starts with(company.industry, "C")'),
        ClauseText("营收低于上限", "", "tax[year = 2019].revenue < revenue_limit"),
        ClauseText("非失信", "Not dishonest", "not_dishonest"),
    ),
    amount="tiers * rate",
    limit="research[year = 2022].expense / 2",
    named=(NamedText("not_dishonest", "未失信", "未被列入严重失信名单", "Not dishonest", "count(credit) = 0"),),
    parameters=(
        ParameterText(
            "revenue_limit",
            "营收上限",
            (
                ValueText(Decimal(72000)),
                ValueText(Decimal(80000), "", dt.date(2023, 2, 1)),
                ValueText(Decimal(57000), "330127"),
                ValueText(Decimal("57000.5"), "330127", dt.date(2023, 2, 1)),
            ),
            "Revenue limit",
            "yuan",
        ),
        ParameterText("rate", "比例", (ValueText(Decimal("0.3")),)),
    ),
    tables=(
        TableText(
            "tiers",
            "分档",
            ({"label_zh": "营收", "label_en": "Revenue", "feel": "tax[year = 2019].revenue"},),
            ({"cells": ["< 200000"], "output": "2000"}, {"cells": ["[200000..300000)"], "output": "6000"}),
            "C+",
            "Tiers",
        ),
    ),
    examples=(
        ExampleText("够格", {"company": {"industry": "C26"}}, "eligible", Decimal("2000.00")),
        ExampleText("缺数据", {}, "unknown"),
    ),
    groups=(GroupText("S-01", "就高", "Higher", "higher_only", "company", "year", "True", ""),),
)


def written() -> bytes:
    return write(POLICY, catalogue=catalogue(item=""))


def test_what_is_written_is_read() -> None:
    again = read(written())
    limits = again.parameters[0]
    assert set(limits.values) == set(POLICY.parameters[0].values)
    assert again.parameters[1] == POLICY.parameters[1]
    for part in ("header", "fields", "clauses", "amount", "limit", "named", "tables", "examples", "groups"):
        assert getattr(again, part) == getattr(POLICY, part), part


def test_the_same_policy_gives_the_same_bytes() -> None:
    assert written() == written()
    assert write(read(written()), catalogue=catalogue(item="")) == written()


def test_every_reference_has_its_element() -> None:
    text = written().decode()
    for kind in ("decision_clause_1", "decision_tiers", "decision_not_dishonest", "parameter_rate", "input_tax"):
        assert f'href="#{kind}"' in text, kind
        assert f'id="{kind}"' in text, kind
        assert f'dmnElementRef="{kind}"' in text, kind


def test_an_older_dmn_is_written_and_read_too() -> None:
    older = write(POLICY, catalogue=catalogue(item=""), edition="1.3")
    assert read(older) == read(written())
    spaces = dict(re.findall(r'xmlns:(\w+)="([^"]+)"', older.decode()))
    assert spaces["dmn"] == "https://www.omg.org/spec/DMN/20191111/MODEL/"
    assert spaces["dmndi"] == "https://www.omg.org/spec/DMN/20191111/DMNDI/"
    # Only the dates differ, whatever the officer wrote.
    assert older.replace(b"DMN/20191111/", b"DMN/20230324/") == written()


def test_what_an_officer_wrote_keeps_its_edition() -> None:
    title = 'as in "https://www.omg.org/spec/DMN/20230324/MODEL/"'
    policy = replace(POLICY, header=POLICY.header | {"title_zh": title})
    assert read(write(policy, catalogue=catalogue(item=""), edition="1.3")).header["title_zh"] == title


def test_what_stands_between_tags_is_read_as_in_an_attribute() -> None:
    by_hand = re.sub(r' (?:value|facts)="([^"]*)" />', r">\1</x>", written().decode())
    by_hand = re.sub(r"(<qinqing:(field|example) [^>]*>[^<]*)</x>", r"\1</qinqing:\2>", by_hand)
    assert "value=" not in by_hand
    assert "facts=" not in by_hand
    assert read(by_hand.encode()) == read(written())


Box = tuple[float, float, float, float]


def boxes(root: ET.Element) -> dict[str, Box]:
    """Each shape's left, top, right and bottom."""
    found = {}
    for shape in root.iter(f"{{{DMNDI}}}DMNShape"):
        bounds = {name: float(value) for name, value in shape[0].attrib.items()}
        right, bottom = bounds["x"] + bounds["width"], bounds["y"] + bounds["height"]
        found[shape.attrib["dmnElementRef"]] = (bounds["x"], bounds["y"], right, bottom)
    return found


def passes_under(line: list[tuple[float, float]], box: Box) -> bool:
    """Whether an inner point of the line lies within the box."""
    (x1, y1), (x2, y2) = line
    points = [(x1 + (x2 - x1) * part / 200, y1 + (y2 - y1) * part / 200) for part in range(1, 200)]
    return any(box[0] < x < box[2] and box[1] < y < box[3] for x, y in points)


def test_no_arrow_of_the_diagram_passes_under_a_box() -> None:
    root = fromstring(written())
    places = boxes(root)
    drawn = root.findall(f".//{{{DMNDI}}}DMNEdge")
    assert len(drawn) > len(places) / 2
    for edge in drawn:
        line = [(float(point.attrib["x"]), float(point.attrib["y"])) for point in edge]
        under = [name for name, box in places.items() if passes_under(line, box)]
        assert not under, (edge.attrib["dmnElementRef"], under)


AMOUNT_TABLE = b"""<dmn:decision id="decision_amount" name="amount" label="x"><dmn:decisionTable>
<dmn:input><dmn:inputExpression><dmn:text>company.size</dmn:text></dmn:inputExpression></dmn:input><dmn:output/>
<dmn:rule><dmn:inputEntry><dmn:text/></dmn:inputEntry><dmn:outputEntry><dmn:text>5</dmn:text></dmn:outputEntry></dmn:rule>
</dmn:decisionTable></dmn:decision>"""


def test_an_amount_that_is_a_table_is_called_by_a_name_of_its_own() -> None:
    content = written()
    start = content.index(b'<dmn:decision id="decision_amount"')
    end = content.index(b"</dmn:decision>", start) + len(b"</dmn:decision>")
    policy = read(content[:start] + AMOUNT_TABLE + content[end:])
    assert policy.amount == "amount_table"
    table = next(table for table in policy.tables if table.name == "amount_table")
    assert table.hit_policy == "U"
    assert table.rows == ({"cells": ["-"], "output": "5"},)


def test_conditions_without_arrows_are_those_that_the_rule_names() -> None:
    content = re.sub(
        rb'<dmn:informationRequirement id="decision_eligible_.*?</dmn:informationRequirement>',
        b"",
        written(),
        flags=re.S,
    )
    assert b'id="decision_eligible_' not in content.replace(b'id="edge_decision_eligible_', b"")
    assert read(content).clauses == read(written()).clauses == POLICY.clauses


@pytest.mark.parametrize(
    "rule",
    ["clause_1 or clause_2", "clause_1", "not(clause_1) and clause_2", "clause_1 and clause_2 and clause_9", "true"],
)
def test_conditions_joined_otherwise_are_refused_and_never_read_as_all_of_them(rule: str) -> None:
    content = re.sub(rb"<dmn:text>clause_1 and [^<]*<", f"<dmn:text>{rule}<".encode(), written())
    assert content != written()
    with pytest.raises(UnreadablePolicy, match="joins the names of the conditions with “and”") as refused:
        read(content)
    assert rule in str(refused.value)


def with_default(name: str) -> bytes:
    """The file, with a default output of one table."""
    default = b"<dmn:defaultOutputEntry><dmn:text>100</dmn:text></dmn:defaultOutputEntry>"
    there = rf'(<dmn:output id="\w+_{name}(?:_table)?_output"[^>]*) />'.encode()
    return re.sub(there, rb"\1>" + default + b"</dmn:output>", written())


def test_the_only_row_of_a_parameter_may_be_unique() -> None:
    start = written().index(b'id="parameter_rate"')
    unique = written()[:start] + written()[start:].replace(b'hitPolicy="FIRST"', b'hitPolicy="UNIQUE"', 1)
    assert read(unique) == read(written()) != written()


def test_what_only_a_cell_names_is_required() -> None:
    table = POLICY.tables[0]
    rows = ({"cells": ["< 企业.注册资本"], "output": "1"}, {"cells": ["? > rate"], "output": "2"})
    content = write(replace(POLICY, tables=(replace(table, rows=rows),)), catalogue=catalogue(item="")).decode()
    assert 'id="decision_tiers_company"' in content
    assert 'id="decision_tiers_rate"' in content


THERE, SINCE = b'<dmn:text>"330127"<', b'<dmn:text>&gt;= date("2023-02-01")<'
BOMB = b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><d>&b;</d>'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is not XML"),
        (b"<html/>", "The file is XML but no DMN"),
        (BOMB, "The file defines entities"),
        (b" " * (LIMIT_BYTES + 1), "larger than 2 MB"),
        (b"<a>" * 300_000, "lie too deep in each other"),
        (b"<?xml version='1.0' encoding='iso-8859-1'?>\n<b>\xe9" + b"<a>" * 300_000, "lie too deep in each other"),
        (b"<a>" + b"<b/>" * 300_000 + b"</a>", "more than 20,000 elements"),
        (b"<!DOCTYPE d><d/>", "remove its DTD"),
        (written().replace(b"UTF-8", b"nonsense"), "The file is not XML"),
        (written()[: len(written()) // 2], "The file is not XML"),
        (written().replace(b"qinqing:policy>", b"qinqing:other>"), "lacks the element qinqing:policy"),
        (written().replace(b'name="eligible"', b'name="allowed"'), "no decision named “eligible”"),
        (written().replace(b'name="amount"', b'name="money"'), "no decision named “amount”"),
        (written().replace(b'href="#decision_clause_2"', b'href="#elsewhere"'), "requires #elsewhere"),
        (written().replace(b'library="true"', b""), "is no condition"),
        (written().replace(b'aggregation="SUM"', b'aggregation="MAX"'), "hit policy COLLECT MAX"),
        (written().replace(b"&gt;= date(", b"&lt; date("), "Row 1 of the parameter “revenue_limit”"),
        (written().replace(b">57000.5<", b">much<"), "Row 1 of the parameter “revenue_limit”"),
        (written().replace(b"{&quot;company&quot;", b"{company"), "its facts are no JSON"),
        (written().replace(b'name="clause_2"', b'name="clause_1"'), "Two decisions of the file are named “clause_1”"),
        (written().replace(b'name="cap_cny"', b'name="granted_cny"'), "says the field “granted_cny” twice"),
        (
            written().replace(b'of="version" name="cap_cny"', b'of="versoin" name="cap_cny"'),
            "“cap_cny” is of “versoin”",
        ),
        (with_default("tiers"), "The table “tiers” has a default output"),
        (with_default("rate"), "The table “rate” has a default output"),
        (written().replace(b'hitPolicy="FIRST"', b'hitPolicy="COLLECT"'), "“revenue_limit” has the hit policy COLLECT"),
        (written().replace(b'hitPolicy="FIRST"', b'hitPolicy="UNIQUE"'), "its rows 1 and 2 can both hold"),
        # Everywhere above a district, and an earlier day above a later one.
        (written().replace(THERE, b"<dmn:text>-<", 1), "its rows 1 and 2 can both hold"),
        (written().replace(SINCE, b"<dmn:text>-<", 1), "its rows 1 and 2 can both hold"),
        (
            written().replace(THERE, THERE + b"/dmn:text></dmn:inputEntry><dmn:inputEntry><dmn:text>-<", 1),
            "Row 1 of the parameter “revenue_limit”",
        ),
    ],
)
def test_what_is_no_policy_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadablePolicy, match=r"\.$") as refused:
        read(content)
    assert sentence in str(refused.value)


def test_rows_beyond_the_limit_are_not_laid_beside_each_other() -> None:
    start = written().index(b'id="parameter_rate"')
    rule = re.search(rb"<dmn:rule.*?</dmn:rule>", written()[start:], re.S)
    assert rule
    content = written()[:start] + written()[start:].replace(rule[0], rule[0] * (LIMIT_VALUES + 1), 1)
    with pytest.raises(UnreadablePolicy, match="“rate” has 1001 values; the limit is 1000"):
        read(content)
