"""A department's list and the conditions of its version together say who is paid; nothing else does."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies.datasets.tables.tax import TaxYear
from companies.models import Company
from policies.authoring.review import NoReason
from policies.explain.company import explain_company
from policies.explain.evidence import shown_facts
from policies.explain.types import Verdict
from policies.models import Entitlement, EntitlementStatus, ListStatus, MatchRun, WhiteList, WhiteListEntry
from policies.preview.exact import estimate
from policies.white_lists.lists import (
    BadList,
    ListRefused,
    NamedTwice,
    NoListTaken,
    SamePersonPublishes,
    check_list,
    close_list,
    publish_list,
    withdraw_entry,
)
from policies.white_lists.queries import list_preview, on_list, outcomes
from qinqing.kernel.tables.refusals import UnreadableTable
from tests.factories.policies import (
    NOW,
    all_delivered,
    draft,
    employed,
    entitlements,
    firm,
    known,
    landed,
    matched,
    officer,
    published,
)
from tests.factories.white_lists import (
    FIRMS,
    PEOPLE,
    bring,
    brought,
    checked,
    listed_people,
    listed_person,
    listed_version,
    person_row,
    published_list,
    row,
    table,
)

pytestmark = pytest.mark.django_db

OPEN, WITHDRAWN = EntitlementStatus.OPEN, EntitlementStatus.WITHDRAWN


def key(company: Company) -> str:
    return f"company:{company.pk}"


def test_whom_the_list_names_is_entitled_to_what_it_says() -> None:
    all_delivered()
    named, _other = firm("甲公司"), firm("乙公司")
    version = listed_version()
    white_list = published_list(version, row(named, "48000.50", "百强第 7 名"))
    assert matched() == 1
    assert entitlements(version) == {key(named): (Decimal("48000.50"), OPEN)}
    right = Entitlement.objects.get()
    entry = WhiteListEntry.objects.get()
    assert right.evidence["list"] == {
        "entry": entry.pk,
        "row": 2,
        "title": "百强企业名单",
        "number": "杭人社发〔2026〕1号",
        "department": "labour",
        "as_of": "2026-03-02",
        "amount": 48000.5,
    }
    fact = shown_facts(evidence=right.evidence, subject="company")[0]
    assert (fact.value, str(fact.department), fact.as_of_on.isoformat()) == (
        "¥48,000.50",
        "人力资源和社会保障局",
        "2026-03-02",
    )
    assert "百强企业名单" in fact.label
    assert [tuple(each)[:2] for each in outcomes(white_list=white_list)] == [("open", 1)]


def test_before_a_list_is_published_nobody_is_entitled_and_nobody_knows() -> None:
    all_delivered()
    company = firm()
    version = listed_version()
    white_list = checked(version, row(company, 100))
    matched()
    assert entitlements(version) == {}
    assert explain_company(company=company, version=version, now=NOW).verdict == Verdict.UNKNOWN
    assert not on_list(company=company, version=version).is_published
    publish_list(white_list=white_list, actor=officer(), now=NOW)
    matched()
    assert explain_company(company=company, version=version, now=NOW).verdict == Verdict.ELIGIBLE
    other = firm()
    told = explain_company(company=other, version=version, now=NOW)
    assert told.verdict == Verdict.INELIGIBLE
    assert on_list(company=other, version=version).count == 0


def test_the_conditions_hold_beside_the_list_and_unknown_never_pays() -> None:
    all_delivered()
    fine, poor, unknown, unlisted = firm(), firm(), firm(), firm()
    for company, revenue in ((fine, 100), (poor, 1), (unlisted, 100)):
        known(TaxYear, company, year=2024, revenue_cny=revenue)
    version = listed_version("tax[year = 2024].revenue >= 100")
    published_list(version, row(fine, 10), row(poor, 20), row(unknown, 30))
    matched()
    assert entitlements(version) == {key(fine): (Decimal(10), OPEN)}
    verdicts = [explain_company(company=each, version=version, now=NOW).verdict for each in (poor, unknown, unlisted)]
    assert verdicts == [Verdict.INELIGIBLE, Verdict.UNKNOWN, Verdict.INELIGIBLE]
    # The fact arrives, and with it the right.
    known(TaxYear, unknown, year=2024, revenue_cny=500)
    landed("tax", touching=[unknown])
    matched()
    assert entitlements(version)[key(unknown)] == (Decimal(30), OPEN)


def test_the_rule_is_the_most_that_a_list_can_say() -> None:
    all_delivered()
    company = firm()
    known(TaxYear, company, year=2024, revenue_cny=100)
    version = listed_version(amount="tax[year = 2024].revenue * 2", cap_cny=Decimal(150))
    published_list(version, row(company, 999))
    matched()
    assert entitlements(version) == {key(company): (Decimal(150), OPEN)}


def code_of_nobody(company: Company) -> str:
    """The firm's code with another check digit than its own, which no firm has."""
    stem, digit = company.credit_code[:-1], company.credit_code[-1]
    return stem + ("X" if digit == "Y" else "Y")


def test_a_firm_that_is_registered_later_is_entitled_then() -> None:
    all_delivered()
    version = listed_version()
    late = firm()
    code, name = late.credit_code, late.name
    Company.objects.filter(pk=late.pk).update(credit_code=code_of_nobody(late))
    white_list = published_list(version, (code, name, 70, ""))
    matched()
    assert entitlements(version) == {}
    assert list_preview(white_list=white_list).unknown_count == 1
    Company.objects.filter(pk=late.pk).update(credit_code=code)
    landed("registration", touching=[late])
    matched()
    assert entitlements(version) == {key(late): (Decimal(70), OPEN)}


def test_employees_are_named_with_the_firm_that_claims_for_them() -> None:
    all_delivered()
    company, other = firm(), firm()
    one, two = listed_person("王芳"), listed_person("李娜")
    employed(company, one)
    employed(other, two)
    version = listed_people()
    # The second stands beside a firm that she does not work for.
    published_list(version, person_row(company, one, 800), person_row(company, two, 900))
    matched()
    assert entitlements(version) == {f"employee:{one.pk}": (Decimal(800), OPEN)}
    assert Entitlement.objects.get().company_id == company.pk
    stored = WhiteListEntry.objects.order_by("row").first()
    assert stored.id_number_masked.count("*") == 13
    assert stored.id_number_masked not in person_row(company, one, 1)


def test_a_file_with_faults_writes_nothing_and_names_every_row() -> None:
    version = listed_version()
    good, twice = firm(), firm()
    content = table(
        FIRMS,
        row(good, "100"),
        ("91330106MP000000X", "错号公司", "100", ""),
        (twice.credit_code, twice.name, "0", ""),
        (twice.credit_code, twice.name, "12.345", ""),
        (twice.credit_code, twice.name, "1e15", ""),
        (twice.credit_code, "", "百万", ""),
        row(good, "7"),
        row(twice, "NaN"),
        row(twice, "9e9999999"),
    )
    with pytest.raises(BadList) as refused:
        bring(version, content)
    told = [str(fault) for fault in refused.value.faults]
    for number, words in (
        (3, "不是 18 位"),
        (4, "不大于零"),
        (5, "两位小数"),
        (6, "大于"),
        (7, "缺少名称"),
        (7, "不是金额"),
        (8, "第 2 行"),
        (9, "不是金额"),
        (10, "不是金额"),
    ):
        assert any(sentence.startswith(f"第 {number} 行") and words in sentence for sentence in told), (words, told)
    assert refused.value.fault_count == 9
    assert not WhiteList.objects.exists()
    assert not WhiteListEntry.objects.exists()


def test_an_id_number_that_is_wrong_is_not_repeated() -> None:
    version, company = listed_people(), firm()
    with pytest.raises(BadList) as refused:
        bring(version, table(PEOPLE, (company.credit_code, "王芳", "330106199002020001", 10, "")))
    assert "330106199002020001" not in str(refused.value.faults[0])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空"),
        (b"a,b,c\n1,2,3\n", "统一社会信用代码"),
        ("统一社会信用代码,企业名称,金额\n".encode(), "没有任何数据行"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04cut", "工作簿"),
        (b"\xff\xfe\x00\x81", "GB18030"),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableTable, match=words):
        bring(listed_version(), content)


def test_a_total_below_the_table_is_compared_and_not_read_as_a_row() -> None:
    company, version = firm(), listed_version()
    white_list = brought(version, row(company, "1,200.00".replace(",", "")), ("合计", "", "1200", ""))
    assert (white_list.row_count, white_list.total_cny) == (1, Decimal(1200))
    with pytest.raises(BadList) as refused:
        brought(version, row(company, 1200), ("合计", "", 1300, ""))
    assert "1,300.00" in str(refused.value.faults[0])


def workbook(*rows: tuple[object, ...]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate([("2026 年度名单",), FIRMS, *rows]):
            sheet.write_row(place, 0, cells)
    return content.getvalue()


def test_a_workbook_and_gb18030_are_read_too() -> None:
    company, version = firm("甲公司"), listed_version()
    white_list = bring(version, workbook((company.credit_code, company.name, 20000.1 + 0.2, ""))).white_list
    assert white_list.total_cny == Decimal("20000.30")
    text = table(FIRMS, row(company, 5)).decode().encode("gb18030")
    assert bring(version, text).white_list.entries.get().name == "甲公司"
    with pytest.raises(UnreadableTable, match="公式"):
        bring(version, workbook((company.credit_code, company.name, "=1+1", "")))


def test_the_same_bytes_come_in_once() -> None:
    version, company = listed_version(), firm()
    content = table(FIRMS, row(company, 5))
    first, again = bring(version, content), bring(version, content, by="somebody else", title="别的标题")
    assert (first.is_known, again.is_known) == (False, True)
    assert first.white_list == again.white_list
    assert WhiteList.objects.count() == 1


def test_who_brought_or_checked_a_list_does_not_publish_it() -> None:
    version, company = listed_version(), firm()
    white_list = brought(version, row(company, 5))
    with pytest.raises(ListRefused):
        publish_list(white_list=white_list, actor=officer(), now=NOW)
    check_list(white_list=white_list, actor=officer("checker"), now=NOW)
    for name in ("clerk", "checker"):
        with pytest.raises(SamePersonPublishes):
            publish_list(white_list=white_list, actor=officer(name), now=NOW)
    publish_list(white_list=white_list, actor=officer(), now=NOW)
    assert white_list.status == ListStatus.PUBLISHED
    with pytest.raises(ListRefused):
        check_list(white_list=white_list, actor=officer("checker"), now=NOW)


def test_a_further_list_adds_and_never_names_anybody_twice() -> None:
    all_delivered()
    one, two = firm(), firm()
    version = listed_version()
    published_list(version, row(one, 5))
    with pytest.raises(BadList) as refused:
        brought(version, row(two, 6), row(one, 7))
    assert str(refused.value.faults[0]).startswith("第 3 行")
    published_list(version, row(two, 6))
    matched()
    assert entitlements(version) == {key(one): (Decimal(5), OPEN), key(two): (Decimal(6), OPEN)}


def test_two_lists_that_name_the_same_firm_do_not_both_get_published() -> None:
    version, company = listed_version(), firm()
    first, second = checked(version, row(company, 5)), checked(version, row(company, 6))
    publish_list(white_list=first, actor=officer(), now=NOW)
    with pytest.raises(NamedTwice):
        publish_list(white_list=second, actor=officer(), now=NOW)
    second.refresh_from_db()
    assert second.status == ListStatus.CHECKED


def test_an_open_row_is_taken_back_with_a_reason_and_can_be_named_again() -> None:
    all_delivered()
    company, version = firm(), listed_version()
    entry = published_list(version, row(company, 5)).entries.get()
    matched()
    with pytest.raises(NoReason):
        withdraw_entry(entry=entry, because=" ", actor=officer(), now=NOW)
    assert withdraw_entry(entry=entry, because="重复享受", actor=officer(), now=NOW)
    # It cannot be claimed from this moment on, before anything is decided again.
    assert entitlements(version) == {key(company): (Decimal(5), WITHDRAWN)}
    matched()
    assert entitlements(version) == {key(company): (Decimal(5), WITHDRAWN)}
    assert on_list(company=company, version=version).withdrawn_because == "重复享受"
    with pytest.raises(ListRefused):
        withdraw_entry(entry=entry, because="又一次", actor=officer(), now=NOW)
    published_list(version, row(company, 4))
    matched()
    assert entitlements(version) == {key(company): (Decimal(4), OPEN)}


def test_the_entitlement_of_a_row_is_found_by_an_index() -> None:
    all_delivered()
    company, version = firm(), listed_version()
    entry = published_list(version, row(company, 5)).entries.get()
    matched()
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as statements:
        cursor.execute("SET LOCAL enable_seqscan = off")
        withdraw_entry(entry=entry, because="重复享受", actor=officer(), now=NOW)
        (withdrawal,) = [each["sql"] for each in statements if "'entry'" in each["sql"]]
        row_of = "(e.evidence -> 'list' ->> 'entry')::bigint"
        assert f"{row_of} = w.id" in withdrawal
        cursor.execute(f"EXPLAIN SELECT FROM policies_entitlement e WHERE {row_of} = {entry.pk}")
        assert "entitlement_of_list_row" in str(cursor.fetchall())


def test_closing_a_list_withdraws_what_is_open() -> None:
    all_delivered()
    company, version = firm(), listed_version()
    white_list = published_list(version, row(company, 5))
    matched()
    with pytest.raises(NoReason):
        close_list(white_list=white_list, because="", actor=officer(), now=NOW)
    close_list(white_list=white_list, because="发文撤销", actor=officer(), now=NOW)
    assert entitlements(version) == {key(company): (Decimal(5), WITHDRAWN)}
    # The same file may come again.
    assert not bring(version, table(FIRMS, row(company, 5))).is_known


def test_the_preview_says_whom_the_register_does_not_know_and_whose_name_differs() -> None:
    right, renamed = firm("甲公司"), firm("乙公司")
    version = listed_version(granted_cny=Decimal(100))
    stranger = firm()
    code = stranger.credit_code
    Company.objects.filter(pk=stranger.pk).update(credit_code=code_of_nobody(stranger))
    white_list = brought(version, row(right, 50), (renamed.credit_code, "丙公司", 60, ""), (code, "无此公司", 70, ""))
    seen = list_preview(white_list=white_list)
    assert (seen.row_count, seen.known_count, seen.known_cny, seen.unknown_count) == (3, 2, Decimal(110), 1)
    assert [entry.name for entry in seen.unknown] == ["无此公司"]
    assert [(each.row, each.name, each.registered) for each in seen.unlike] == [(3, "丙公司", "乙公司")]
    assert seen.short_cny == Decimal(80)


def test_a_version_of_another_track_or_a_draft_takes_no_list() -> None:
    company = firm()
    for version in (published("true"), draft("true", track="whitelist", closes_on="2026-04-01")):
        with pytest.raises(NoListTaken):
            bring(version, table(FIRMS, row(company, 5)))


def test_a_list_needs_no_condition_and_a_draft_is_previewed_by_its_conditions() -> None:
    all_delivered()
    for _each in range(3):
        firm()
    version = listed_version()
    assert version.clauses.count() == 0
    assert estimate(version=version, now=NOW).count == 3
    published_list(version, row(Company.objects.first(), 9))
    seen = estimate(version=version, now=NOW)
    assert (seen.count, seen.total_cny) == (1, Decimal(9))


def test_publishing_asks_for_a_run_of_its_version() -> None:
    version = listed_version()
    matched()
    published_list(version, row(firm(), 5))
    assert MatchRun.objects.filter(version=version, finished_at=None).count() == 1
