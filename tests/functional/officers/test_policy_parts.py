"""Parameters, decision tables and examples on a version's page: saved together, each checked in its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from policies.authoring.parts import clause_texts, example_texts, parameter_texts, table_texts
from policies.authoring.review import submit_version
from policies.models import NamedClause, PolicyVersion
from tests.factories.clock import NOW
from tests.factories.people import make_officer
from tests.factories.policies import make_draft, make_policy, make_submitted
from tests.functional.officers.test_policy_admin import address, form, parts

pytestmark = pytest.mark.django_db

LIMIT = {"name": "wage_limit", "name_zh": "工资上限", "name_en": "Wage limit", "unit": "yuan"}
TIERS = {"name": "award", "name_zh": "奖励", "name_en": "Award", "hit_policy": "U"}
SALES = "年营业额\tRevenue\ttax[year = 2024].revenue"


def posted(officer: Client, version: PolicyVersion | None = None, **changed: object) -> str:
    """The page that answers a post of the whole form."""
    page = address(version) if version else reverse("admin:policies_policyversion_add")
    if version is None:
        changed["policy"] = make_policy().pk
    return officer.post(page, form(version, **changed), follow=True).content.decode()


def test_a_version_is_written_whole_in_one_go(officer: Client) -> None:
    NamedClause.objects.create(name="sound", name_zh="正常经营", title_zh="正常", feel='company.standing = "active"')
    values = "\t\t72,000\n淳安县\t\t57000\n330127\t2023-02-01\t60000"
    tiers = ">= 50000000\t100000\n[1..50000000)\t80000"
    facts = "企业.所属区县\t\t淳安县\n企业.登记状态\t\tactive\nas_of\t\t2023-03-01"
    facts += "\ntax.year\t1\t2024\ntax.revenue\t1\t60,000,000"
    example = {"title": "大户", "expected_verdict": "eligible", "expected_cny": "100000", "made_up": facts}
    posted(
        officer,
        amount_feel="award",
        clauses=[("1", "wage_limit <= 60000 and sound")],
        **parts("parameters", {**LIMIT, "values": values}),
        **parts("tables", {**TIERS, "inputs": SALES, "rows": tiers}),
        **parts(
            "examples", {"title": "大户", "expected_verdict": "eligible", "expected_cny": "100000", "made_up": facts}
        ),
    )
    version = PolicyVersion.objects.get()
    (limit,) = parameter_texts(version)
    assert [(value.district, value.valid_from, value.value) for value in limit.values] == [
        ("", None, Decimal(72000)),
        ("330127", date(2023, 2, 1), Decimal(60000)),
        ("330127", None, Decimal(57000)),
    ]
    (table,) = table_texts(version)
    assert table.inputs == ({"label_zh": "年营业额", "label_en": "Revenue", "feel": "tax[year = 2024].revenue"},)
    assert [row["output"] for row in table.rows] == ["100000", "80000"]
    (example,) = example_texts(version)
    assert example.facts == {
        "company": {"district": "330127", "standing": "active"},
        "as_of": "2023-03-01",
        "tax": [{"year": "2024", "revenue": "60000000"}],
    }
    assert submit_version(version=version, actor=make_officer("writer"), now=NOW).frozen_clauses[0]["name"] == "sound"


@pytest.mark.parametrize(
    ("language", "rows"),
    [
        ("zh-hans", "企业.企业规模\t\t小型\n信用记录\n年度纳税.年度\t1\t2024\n基准日\t\t2023-03-01"),
        ("en", "company.size\t\tsmall\ncredit\ntax.year\t1\t2024\nas_of\t\t2023-03-01"),
    ],
)
def test_facts_of_an_example_have_their_names_in_the_readers_language(
    officer: Client, language: str, rows: str
) -> None:
    written = "company.size\t\tsmall\n年度纳税.年度\t1\t2024\ncredit\nas_of\t\t2023-03-01"
    posted(officer, **parts("examples", {"title": "x", "expected_verdict": "unknown", "made_up": written}))
    version = PolicyVersion.objects.get()
    before = example_texts(version)
    officer.cookies["django_language"] = language
    page = officer.get(address(version))
    (shown,) = [each for each in page.context["inline_admin_formsets"] if each.formset.prefix == "examples"]
    assert shown.formset.forms[0]["made_up"].value() == rows
    posted(officer, version, **parts("examples", {"title": "x", "expected_verdict": "unknown", "made_up": rows}))
    assert example_texts(version) == before


def test_numbers_of_an_example_are_written_as_people_write_them(officer: Client) -> None:
    written = "tax.year\t1\t2024\ntax.revenue\t1\t1,250.5万\n年度纳税.实缴税额\t1\t1.2 亿\ncompany.district\t\t淳安县"
    written += "\n年度失业保险.裁员率\t1\t5.5%"
    posted(officer, **parts("examples", {"title": "x", "expected_verdict": "unknown", "made_up": written}))
    (example,) = example_texts(PolicyVersion.objects.get())
    assert example.facts == {
        "tax": [{"year": "2024", "revenue": "12505000", "tax_paid": "120000000"}],
        "company": {"district": "330127"},
        "insurance_year": [{"layoff_rate": "0.055"}],
    }


def test_what_is_shown_is_what_was_written_and_saving_it_again_changes_nothing(officer: Client) -> None:
    posted(
        officer,
        clauses=[("1", "rate > 0")],
        **parts("parameters", {**LIMIT, "name": "rate", "values": "\t\t30%"}),
        # Blanks inside a text are kept.
        **parts("tables", {**TIERS, "inputs": "规模\tSize\tcompany.size", "rows": '"a  b", "甲　乙\u2028丙"\t1'}),
        **parts("examples", {"title": "空", "expected_verdict": "unknown", "made_up": "credit\t\t\ncompany\t1\t"}),
    )
    version = PolicyVersion.objects.get()
    before = [texts(version) for texts in (clause_texts, parameter_texts, table_texts, example_texts)]
    assert before[3][0].facts == {"credit": [], "company": {}}
    assert before[1][0].values[0].value == Decimal("0.3")
    assert before[2][0].rows[0]["cells"] == ['"a  b", "甲　乙\u2028丙"']
    page = officer.get(address(version))
    shown = {
        f"{formset.formset.prefix}-{place}-{name}": each[name].value() or ""
        for formset in page.context["inline_admin_formsets"]
        for place, each in enumerate(formset.formset.forms)
        for name in each.fields
    }
    counts = {
        f"{prefix}-{kind}_FORMS": 1
        for prefix in ("clauses", "parameters", "tables", "examples")
        for kind in ("TOTAL", "INITIAL")
    }
    officer.post(address(version), form(version, clauses=[("1", "rate > 0")]) | shown | counts)
    version = PolicyVersion.objects.get()
    assert [texts(version) for texts in (clause_texts, parameter_texts, table_texts, example_texts)] == before


@pytest.mark.parametrize(
    ("prefix", "row", "sentence"),
    [
        ("parameters", {**LIMIT, "values": "\t\tmuch"}, "Row 1: “much” is no number."),
        ("parameters", {**LIMIT, "values": "\t\t1\n\t\tNaN"}, "Row 2: “NaN” is no number."),
        ("parameters", {**LIMIT, "values": "\t\t0.0000001"}, "is no number"),
        ("parameters", {**LIMIT, "values": "\t\t1e2000000"}, "Row 1: “1e2000000” is no number."),
        ("parameters", {**LIMIT, "values": "\t\t1e-2000000%"}, "Row 1: “1e-2000000%” is no number."),
        ("parameters", {**LIMIT, "values": "Atlantis\t\t1"}, "There is no district “Atlantis”."),
        ("parameters", {**LIMIT, "values": "\t1 May\t1"}, "is no day like 2023-02-01"),
        ("parameters", {**LIMIT, "values": "\t\t1\t2"}, "has 4 cells; there are 3 columns"),
        ("parameters", {**LIMIT, "values": "\t\t1\n\t\t2"}, "wage_limit"),
        ("parameters", {**LIMIT, "values": ""}, "Fill in at least one row."),
        ("parameters", {**LIMIT, "name": "if", "values": "\t\t1"}, "“if”"),
        ("tables", {**TIERS, "inputs": SALES, "rows": "1\t2\t3"}, "Row 1 needs 1 tests and a result."),
        ("tables", {**TIERS, "inputs": SALES, "rows": "1\t"}, "Row 1 needs 1 tests and a result."),
        ("tables", {**TIERS, "inputs": "额\t\ttax[year = 2024].revenu", "rows": "1\t2"}, "revenue"),
        ("tables", {**TIERS, "inputs": SALES, "rows": '"a"\t2'}, "award"),
        ("tables", {**TIERS, "inputs": SALES, "rows": "\n".join(["1\t1"] * 201)}, "1 to 200 rows"),
        ("tables", {**TIERS, "inputs": SALES, "rows": "\n".join(["1\t1"] * 1001)}, "1000 is the most"),
        ("examples", {"title": "x", "expected_verdict": "eligible", "made_up": "company.siez\t\tsmall"}, "“size”"),
        ("examples", {"title": "x", "expected_verdict": "eligible", "made_up": "tax.revenue\tone\t5"}, "number from 1"),
        (
            "examples",
            {"title": "x", "expected_verdict": "eligible", "made_up": f"tax.revenue\t{'1' * 4301}\t5"},
            "from 1",
        ),
        ("examples", {"title": "x", "expected_verdict": "eligible", "made_up": "tax.revenue\t\tmuch"}, "a number"),
        ("examples", {"title": "x", "expected_verdict": "unknown", "expected_cny": "5", "made_up": ""}, "is eligible"),
    ],
)
def test_a_part_that_cannot_be_is_refused_where_it_stands(
    officer: Client, prefix: str, row: dict[str, str], sentence: str
) -> None:
    version = make_draft("true")
    page = posted(officer, version, clauses=[("1", "false")], **parts(prefix, row))
    assert sentence in page.replace("&#x27;", "'").replace("&quot;", '"')
    assert (version.clauses.get().feel, version.parameters.count(), version.tables.count()) == ("true", 0, 0)


def test_two_parts_do_not_share_a_name(officer: Client) -> None:
    both = {**parts("parameters", {**LIMIT, "values": "\t\t1"})}
    table = {**TIERS, "name": "wage_limit", "inputs": SALES, "rows": "-\t1"}
    page = posted(officer, make_draft("true"), clauses=[("1", "true")], **both, **parts("tables", table))
    assert "“wage_limit”" in page
    assert not PolicyVersion.objects.get().parameters.exists()


def test_a_rule_that_calls_a_removed_parameter_is_refused(officer: Client) -> None:
    posted(officer, clauses=[("1", "wage_limit > 0")], **parts("parameters", {**LIMIT, "values": "\t\t1"}))
    version = PolicyVersion.objects.get()
    going = {**LIMIT, "values": "\t\t1", "DELETE": "on", "id": version.parameters.get().pk, "version": version.pk}
    page = posted(officer, version, clauses=[("1", "wage_limit > 0")], **parts("parameters", going))
    assert "Condition 1, line 1, character 1" in page
    assert version.parameters.exists()


def test_a_part_with_a_mistake_in_it_can_be_removed(officer: Client) -> None:
    posted(officer, clauses=[("1", "true")], **parts("parameters", {**LIMIT, "values": "\t\t1"}))
    version = PolicyVersion.objects.get()
    going = {**LIMIT, "values": "\t\tabc", "DELETE": "on", "id": version.parameters.get().pk, "version": version.pk}
    posted(officer, version, clauses=[("1", "true")], **parts("parameters", going))
    assert not version.parameters.exists()


def test_the_parts_of_a_submitted_version_are_read(officer: Client) -> None:
    posted(
        officer,
        clauses=[("1", "true")],
        **parts("parameters", {**LIMIT, "values": "淳安县\t2023-02-01\t57000"}),
        **parts("tables", {**TIERS, "inputs": SALES, "rows": "-\t1"}),
    )
    version = submit_version(version=PolicyVersion.objects.get(), actor=make_officer("writer"), now=NOW)
    page = officer.get(address(version)).content.decode()
    assert "57,000" in page
    assert "Chun'an" in unescape(page)
    assert "年营业额" in page
    assert "data-grid" not in page
    assert officer.post(address(make_submitted("true")), form()).status_code == 403
