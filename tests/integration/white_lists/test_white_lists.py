"""A department's list and the conditions of its version together decide who is paid; nothing else does."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies.models import Company
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
from policies.white_lists.queries import find_on_lists, list_preview, outcomes
from qinqing.kernel.refusals import NoReason
from qinqing.kernel.tables.refusals import UnreadableTable
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_delivery, make_employment, make_row
from tests.factories.people import make_employee, make_officer
from tests.factories.policies import entitlements_of, make_draft, make_published, match_all
from tests.factories.white_lists import (
    FIRMS,
    PEOPLE,
    bring,
    list_file,
    list_person_row,
    list_row,
    make_checked_list,
    make_draft_list,
    make_list_version,
    make_people_list_version,
    make_published_list,
)

pytestmark = pytest.mark.django_db

OPEN, WITHDRAWN = EntitlementStatus.OPEN, EntitlementStatus.WITHDRAWN


def key(company: Company) -> str:
    return f"company:{company.pk}"


def test_whom_the_list_names_is_entitled_to_what_it_says() -> None:
    make_all_deliveries()
    named, _other = make_company("甲公司"), make_company("乙公司")
    version = make_list_version()
    white_list = make_published_list(version, list_row(named, "48000.50", "百强第 7 名"))
    assert match_all() == 1
    assert entitlements_of(version) == {key(named): (Decimal("48000.50"), OPEN)}
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
    make_all_deliveries()
    company = make_company()
    version = make_list_version()
    white_list = make_checked_list(version, list_row(company, 100))
    match_all()
    assert entitlements_of(version) == {}
    assert explain_company(company=company, version=version, now=NOW).verdict == Verdict.UNKNOWN
    assert not find_on_lists(company=company, version=version).is_published
    publish_list(white_list=white_list, actor=make_officer(), now=NOW)
    match_all()
    assert explain_company(company=company, version=version, now=NOW).verdict == Verdict.ELIGIBLE
    other = make_company()
    told = explain_company(company=other, version=version, now=NOW)
    assert told.verdict == Verdict.INELIGIBLE
    assert find_on_lists(company=other, version=version).count == 0


def test_the_conditions_hold_beside_the_list_and_unknown_never_pays() -> None:
    make_all_deliveries()
    fine, poor, unknown, unlisted = make_company(), make_company(), make_company(), make_company()
    for company, revenue in ((fine, 100), (poor, 1), (unlisted, 100)):
        make_row(TaxYear, company, year=2024, revenue=revenue)
    version = make_list_version("tax[year = 2024].revenue >= 100")
    make_published_list(version, list_row(fine, 10), list_row(poor, 20), list_row(unknown, 30))
    match_all()
    assert entitlements_of(version) == {key(fine): (Decimal(10), OPEN)}
    verdicts = [explain_company(company=each, version=version, now=NOW).verdict for each in (poor, unknown, unlisted)]
    assert verdicts == [Verdict.INELIGIBLE, Verdict.UNKNOWN, Verdict.INELIGIBLE]
    # With the fact, the entitlement arrives.
    make_row(TaxYear, unknown, year=2024, revenue=500)
    make_delivery("tax", touching=[unknown])
    match_all()
    assert entitlements_of(version)[key(unknown)] == (Decimal(30), OPEN)


def test_the_rule_is_the_most_that_a_list_can_say() -> None:
    make_all_deliveries()
    company = make_company()
    make_row(TaxYear, company, year=2024, revenue=100)
    version = make_list_version(amount="tax[year = 2024].revenue * 2", cap_cny=Decimal(150))
    make_published_list(version, list_row(company, 999))
    match_all()
    assert entitlements_of(version) == {key(company): (Decimal(150), OPEN)}


def code_of_nobody(company: Company) -> str:
    """The firm's code with a wrong check digit, which no firm has."""
    stem, digit = company.credit_code[:-1], company.credit_code[-1]
    return stem + ("X" if digit == "Y" else "Y")


def test_a_firm_that_is_registered_later_is_entitled_then() -> None:
    make_all_deliveries()
    version = make_list_version()
    late = make_company()
    code, name = late.credit_code, late.name
    Company.objects.filter(pk=late.pk).update(credit_code=code_of_nobody(late))
    white_list = make_published_list(version, (code, name, 70, ""))
    match_all()
    assert entitlements_of(version) == {}
    assert list_preview(white_list=white_list).unknown_count == 1
    Company.objects.filter(pk=late.pk).update(credit_code=code)
    make_delivery("registration", touching=[late])
    match_all()
    assert entitlements_of(version) == {key(late): (Decimal(70), OPEN)}


def test_employees_are_named_with_the_firm_that_claims_for_them() -> None:
    make_all_deliveries()
    company, other = make_company(), make_company()
    one, two = make_employee("王芳"), make_employee("李娜")
    make_employment(company, one)
    make_employment(other, two)
    version = make_people_list_version()
    # The list names the second person beside a firm that does not employ her.
    make_published_list(version, list_person_row(company, one, 800), list_person_row(company, two, 900))
    match_all()
    assert entitlements_of(version) == {f"employee:{one.pk}": (Decimal(800), OPEN)}
    assert Entitlement.objects.get().company_id == company.pk
    stored = WhiteListEntry.objects.order_by("row").first()
    assert stored.id_number_masked.count("*") == 16
    assert stored.id_number_masked not in list_person_row(company, one, 1)


def test_a_file_with_faults_writes_nothing_and_names_every_row() -> None:
    version = make_list_version()
    good, twice = make_company(), make_company()
    content = list_file(
        FIRMS,
        list_row(good, "100"),
        ("91330106MP000000X", "错号公司", "100", ""),
        (twice.credit_code, twice.name, "0", ""),
        (twice.credit_code, twice.name, "12.345", ""),
        (twice.credit_code, twice.name, "1e15", ""),
        (twice.credit_code, "", "百万", ""),
        list_row(good, "7"),
        list_row(twice, "NaN"),
        list_row(twice, "9e9999999"),
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
    version, company = make_people_list_version(), make_company()
    with pytest.raises(BadList) as refused:
        bring(version, list_file(PEOPLE, (company.credit_code, "王芳", "330106199002020001", 10, "")))
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
        bring(make_list_version(), content)


def test_a_total_below_the_table_is_compared_and_not_read_as_a_row() -> None:
    company, version = make_company(), make_list_version()
    white_list = make_draft_list(version, list_row(company, "1,200.00".replace(",", "")), ("合计", "", "1200", ""))
    assert (white_list.row_count, white_list.total_cny) == (1, Decimal(1200))
    with pytest.raises(BadList) as refused:
        make_draft_list(version, list_row(company, 1200), ("合计", "", 1300, ""))
    assert "1,300.00" in str(refused.value.faults[0])


def workbook(*rows: tuple[object, ...]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate([("2026 年度名单",), FIRMS, *rows]):
            sheet.write_row(place, 0, cells)
    return content.getvalue()


def test_a_workbook_and_gb18030_are_read_too() -> None:
    company, version = make_company("甲公司"), make_list_version()
    white_list = bring(version, workbook((company.credit_code, company.name, 20000.1 + 0.2, ""))).white_list
    assert white_list.total_cny == Decimal("20000.30")
    text = list_file(FIRMS, list_row(company, 5)).decode().encode("gb18030")
    assert bring(version, text).white_list.entries.get().name == "甲公司"
    with pytest.raises(UnreadableTable, match="公式"):
        bring(version, workbook((company.credit_code, company.name, "=1+1", "")))


def test_the_same_bytes_come_in_once() -> None:
    version, company = make_list_version(), make_company()
    content = list_file(FIRMS, list_row(company, 5))
    first, again = bring(version, content), bring(version, content, by="somebody else", title="别的标题")
    assert (first.is_known, again.is_known) == (False, True)
    assert first.white_list == again.white_list
    assert WhiteList.objects.count() == 1


def test_who_brought_or_checked_a_list_does_not_publish_it() -> None:
    version, company = make_list_version(), make_company()
    white_list = make_draft_list(version, list_row(company, 5))
    with pytest.raises(ListRefused):
        publish_list(white_list=white_list, actor=make_officer(), now=NOW)
    check_list(white_list=white_list, actor=make_officer("checker"), now=NOW)
    for name in ("clerk", "checker"):
        with pytest.raises(SamePersonPublishes):
            publish_list(white_list=white_list, actor=make_officer(name), now=NOW)
    publish_list(white_list=white_list, actor=make_officer(), now=NOW)
    assert white_list.status == ListStatus.PUBLISHED
    with pytest.raises(ListRefused):
        check_list(white_list=white_list, actor=make_officer("checker"), now=NOW)


def test_a_further_list_adds_and_never_names_anybody_twice() -> None:
    make_all_deliveries()
    one, two = make_company(), make_company()
    version = make_list_version()
    make_published_list(version, list_row(one, 5))
    with pytest.raises(BadList) as refused:
        make_draft_list(version, list_row(two, 6), list_row(one, 7))
    assert str(refused.value.faults[0]).startswith("第 3 行")
    make_published_list(version, list_row(two, 6))
    match_all()
    assert entitlements_of(version) == {key(one): (Decimal(5), OPEN), key(two): (Decimal(6), OPEN)}


def test_two_lists_that_name_the_same_firm_do_not_both_get_published() -> None:
    version, company = make_list_version(), make_company()
    first, second = make_checked_list(version, list_row(company, 5)), make_checked_list(version, list_row(company, 6))
    publish_list(white_list=first, actor=make_officer(), now=NOW)
    with pytest.raises(NamedTwice):
        publish_list(white_list=second, actor=make_officer(), now=NOW)
    second.refresh_from_db()
    assert second.status == ListStatus.CHECKED


def test_an_open_row_is_taken_back_with_a_reason_and_can_be_named_again() -> None:
    make_all_deliveries()
    company, version = make_company(), make_list_version()
    entry = make_published_list(version, list_row(company, 5)).entries.get()
    match_all()
    with pytest.raises(NoReason):
        withdraw_entry(entry=entry, because=" ", actor=make_officer(), now=NOW)
    assert withdraw_entry(entry=entry, because="重复享受", actor=make_officer(), now=NOW)
    # The withdrawal ends the entitlement at once, before matching decides again.
    assert entitlements_of(version) == {key(company): (Decimal(5), WITHDRAWN)}
    match_all()
    assert entitlements_of(version) == {key(company): (Decimal(5), WITHDRAWN)}
    assert find_on_lists(company=company, version=version).withdrawn_because == "重复享受"
    with pytest.raises(ListRefused):
        withdraw_entry(entry=entry, because="又一次", actor=make_officer(), now=NOW)
    make_published_list(version, list_row(company, 4))
    match_all()
    assert entitlements_of(version) == {key(company): (Decimal(4), OPEN)}


def test_the_entitlement_of_a_row_is_found_by_an_index() -> None:
    make_all_deliveries()
    company, version = make_company(), make_list_version()
    entry = make_published_list(version, list_row(company, 5)).entries.get()
    match_all()
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as statements:
        cursor.execute("SET LOCAL enable_seqscan = off")
        withdraw_entry(entry=entry, because="重复享受", actor=make_officer(), now=NOW)
        (withdrawal,) = [each["sql"] for each in statements if "'entry'" in each["sql"]]
        row_of = "(e.evidence -> 'list' ->> 'entry')::bigint"
        assert f"{row_of} = w.id" in withdrawal
        cursor.execute(f"EXPLAIN SELECT FROM policies_entitlement e WHERE {row_of} = {entry.pk}")
        assert "entitlement_of_list_row" in str(cursor.fetchall())


def test_closing_a_list_withdraws_what_is_open() -> None:
    make_all_deliveries()
    company, version = make_company(), make_list_version()
    white_list = make_published_list(version, list_row(company, 5))
    match_all()
    with pytest.raises(NoReason):
        close_list(white_list=white_list, because="", actor=make_officer(), now=NOW)
    close_list(white_list=white_list, because="发文撤销", actor=make_officer(), now=NOW)
    assert entitlements_of(version) == {key(company): (Decimal(5), WITHDRAWN)}
    # A department may bring the same file again.
    assert not bring(version, list_file(FIRMS, list_row(company, 5))).is_known


def test_the_preview_says_whom_the_register_does_not_know_and_whose_name_differs() -> None:
    right, renamed = make_company("甲公司"), make_company("乙公司")
    version = make_list_version(granted_cny=Decimal(100))
    stranger = make_company()
    code = stranger.credit_code
    Company.objects.filter(pk=stranger.pk).update(credit_code=code_of_nobody(stranger))
    white_list = make_draft_list(
        version, list_row(right, 50), (renamed.credit_code, "丙公司", 60, ""), (code, "无此公司", 70, "")
    )
    seen = list_preview(white_list=white_list)
    assert (seen.row_count, seen.known_count, seen.known_cny, seen.unknown_count) == (3, 2, Decimal(110), 1)
    assert [entry.name for entry in seen.unknown] == ["无此公司"]
    assert [(each.row, each.name, each.registered) for each in seen.unlike] == [(3, "丙公司", "乙公司")]
    assert seen.short_cny == Decimal(80)


def test_a_version_of_another_track_or_a_draft_takes_no_list() -> None:
    company = make_company()
    for version in (make_published("true"), make_draft("true", track="whitelist", closes_on="2026-04-01")):
        with pytest.raises(NoListTaken):
            bring(version, list_file(FIRMS, list_row(company, 5)))


def test_a_list_needs_no_condition_and_a_draft_is_previewed_by_its_conditions() -> None:
    make_all_deliveries()
    for _each in range(3):
        make_company()
    version = make_list_version()
    assert version.clauses.count() == 0
    assert estimate(version=version, now=NOW).count == 3
    make_published_list(version, list_row(Company.objects.first(), 9))
    seen = estimate(version=version, now=NOW)
    assert (seen.count, seen.total_cny) == (1, Decimal(9))


def test_publishing_asks_for_a_run_of_its_version() -> None:
    version = make_list_version()
    match_all()
    make_published_list(version, list_row(make_company(), 5))
    assert MatchRun.objects.filter(version=version, finished_at=None).count() == 1
