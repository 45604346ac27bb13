"""Maker, checker and releaser in real browsers: a batch goes to the bank as a file, and the bank's reply comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from payouts.models import Batch, Payout, ReplyFile, ReplyFileStatus
from payouts.replies.apply import apply_replies
from payouts.states import Status
from qinqing.demo.people import DEMO_PASSWORD
from qinqing.proposals.models import Proposal
from tests.browser.conftest import PHONE, Visitor
from tests.factories import replies as written
from tests.factories.clock import NOW
from tests.factories.payouts import make_bank, make_file_fund, make_open_batch, make_released_batch
from tests.factories.people import give_roles, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
PEOPLE = {"maker": "吴佳琪", "checker": "徐文斌", "releaser": "孙丽华"}


@pytest.fixture
def desk(live_server: object) -> None:
    """Three finance clerks, and three payouts that wait for a file."""
    for username, name in PEOPLE.items():
        person = make_user(username, first_name=name, is_staff=True, password=DEMO_PASSWORD)
        give_roles(person, f"finance_{username}")
    make_file_fund(3, of=make_bank(name="杭州银行", reply_template=written.template()))


def test_a_batch_goes_out_as_a_file_and_its_answer_is_applied(
    desk: None, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    maker, checker, releaser = (visit() for _each in PEOPLE)
    for who, username in zip((maker, checker, releaser), PEOPLE, strict=True):
        who.signs_in(username)

    maker.opens("/admin/payouts/batch/collect")
    maker.is_pictured("finance-collect-zh")
    maker.page.get_by_role("button", name="建立批次").click()
    batch = Batch.objects.get()
    expect(maker.page.get_by_text("共 3 笔，¥300.00")).to_be_visible()
    maker.is_pictured("finance-open-zh")
    seal(maker, batch, "3", "299.99")
    expect(maker.page.get_by_text("未封存")).to_be_visible()
    maker.is_pictured("finance-not-as-declared-zh")
    seal(maker, batch, "3", "300.00")
    expect(maker.page.get_by_text("须由另一人复核").first).to_be_visible()

    checker.opens(f"/admin/payouts/batch/{batch.pk}/approve")
    checker.page.fill("#id_checked_sum_cny", "300.00")
    checker.page.locator("form.officer-form button").click()
    expect(checker.page).to_have_url(re.compile(r"/change/$"))
    checker.opens(f"/admin/payouts/batch/{batch.pk}/approve")
    checker.is_pictured("finance-approve-zh", whole=True)
    confirm(checker, batch, "approve")
    confirm(releaser, batch, "release")
    expect(releaser.page.get_by_text("请将文件送交银行")).to_be_visible()
    releaser.is_pictured("finance-released-zh", whole=True)

    releaser.opens(f"/admin/payouts/batch/{batch.pk}/files")
    shelf = releaser.page.locator("section.officer-shelf", has_text="pain.001.001.09")
    with releaser.page.expect_download() as taken:
        shelf.locator("input[name=plain_because]").fill("柜台要求明文")
        shelf.get_by_role("button", name="下载").click()
    content = Path(taken.value.path()).read_text()
    ids = list(batch.instructions.order_by("pk").values_list("end_to_end_id", flat=True))
    assert all(f"<EndToEndId>{each}</EndToEndId>" in content for each in ids)
    releaser.opens(f"/admin/payouts/batch/{batch.pk}/files")
    releaser.is_pictured("finance-files-zh", whole=True)

    rows = [written.TITLES, (ids[0], "100.00", "成功", "F1", ""), (ids[1], "100.00", "失败", "F2", "账号不存在")]
    reply = tmp_path / "回执.csv"
    reply.write_bytes(written.table([*rows, ("Q9A01", "5", "成功", "", "")], encoding="gb18030"))
    bring(maker, reply)
    expect(maker.page.get_by_text("将更新兑付单").first).to_be_visible()
    expect(maker.page.get_by_text("不是我方指令").first).to_be_visible()
    maker.is_pictured("finance-preview-zh", whole=True)
    assert set(Payout.objects.values_list("status", flat=True)) == {Status.SENT}
    # Whoever made the batch has no say in what its file of replies does: the checker proposes, the releaser confirms.
    file = ReplyFile.objects.get()
    checker.opens(f"/admin/payouts/replyfile/{file.pk}/change/")
    checker.page.get_by_role("link", name="应用", exact=True).click()
    checker.page.fill("#id_because", "当日回执")
    checker.page.get_by_role("button", name="应用").click()
    proposal = Proposal.objects.get(kind="apply_reply_file")
    releaser.opens(f"/admin/proposals/proposal/{proposal.pk}/change/")
    releaser.is_pictured("proposal-desktop-zh")
    releaser.opens(f"/admin/proposals/proposal/{proposal.pk}/confirm")
    releaser.is_pictured("finance-apply-confirm-zh")
    releaser.page.locator("form button[type=submit]").last.click()
    file.refresh_from_db()
    assert file.status == ReplyFileStatus.APPLIED
    while apply_replies(limit=10, now=NOW):
        pass
    standing = batch.instructions.order_by("pk").values_list("payout__status", flat=True)
    assert list(standing) == [Status.PAID, Status.FAILED, Status.SENT]
    maker.opens("/admin/payouts/replyline/")
    expect(maker.page.get_by_text("Q9A01")).to_be_visible()
    maker.is_pictured("finance-unmatched-zh")


def test_a_file_is_downloaded_on_a_phone_without_moving_its_row(desk: None, visit: Callable[..., Visitor]) -> None:
    batch = make_released_batch(2)
    clerk = visit(language="en-GB", **PHONE)
    clerk.signs_in("releaser")
    page = f"/admin/payouts/batch/{batch.pk}/files"
    clerk.opens(page)
    shelf = clerk.page.locator("section.officer-shelf", has_text="pain.001.001.09")
    with clerk.page.expect_download():
        shelf.get_by_role("button", name="Download").click()
    clerk.opens(page)
    button = shelf.get_by_role("button", name="Download")
    box, size = button.bounding_box(), clerk.page.viewport_size
    assert box
    assert size
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]


def test_a_row_that_ends_in_a_button_is_folded_on_a_phone(desk: None, visit: Callable[..., Visitor]) -> None:
    clerk = visit(**PHONE)
    clerk.signs_in("maker")
    clerk.opens("/admin/payouts/batch/collect/")
    button = clerk.page.get_by_role("button", name="建立批次")
    box, size = button.bounding_box(), clerk.page.viewport_size
    assert box
    assert size
    assert box["x"] + box["width"] <= size["width"]
    assert clerk.page.locator(".officer-scroll").evaluate("it => it.scrollWidth <= it.clientWidth")


def test_what_is_wrong_stands_below_its_field_and_not_under_it(desk: None, visit: Callable[..., Visitor]) -> None:
    clerk = visit(**PHONE)
    clerk.signs_in("maker")
    batch = make_open_batch(1)
    clerk.opens(f"/admin/payouts/batch/{batch.pk}/discard/")
    clerk.page.locator("form.officer-form").evaluate("form => { form.noValidate = true }")
    clerk.page.locator(".officer-button").click()
    field, wrong = clerk.page.locator("[name=because]"), clerk.page.get_by_role("alert")
    expect(wrong).to_be_visible()
    above, below = field.bounding_box(), wrong.bounding_box()
    assert above
    assert below
    assert below["y"] >= above["y"] + above["height"]


def test_a_layout_is_edited_beside_its_sample_on_a_phone_too(desk: None, visit: Callable[..., Visitor]) -> None:
    clerk = visit(language="en-GB", **PHONE)
    clerk.signs_in("maker")
    clerk.opens("/admin/payouts/banktemplate/add/")
    sample = clerk.page.locator("[data-sample-text]")
    expect(sample.get_by_text("Each line needs")).to_be_visible()
    clerk.page.select_option("#id_kind", "pain.001.001.03")
    expect(sample.get_by_text("pain.001.001.03")).to_be_visible()
    clerk.page.fill("#id_batch_number", "X{{part}")
    expect(sample.get_by_text("Build the batch number")).to_be_visible()
    clerk.is_pictured("finance-layout-phone-en", whole=True)


def seal(who: Visitor, batch: Batch, count: str, total: str) -> None:
    who.opens(f"/admin/payouts/batch/{batch.pk}/seal")
    who.page.fill("#id_declared_count", count)
    who.page.fill("#id_declared_sum_cny", total)
    who.page.locator("form.officer-form button").click()


def confirm(who: Visitor, batch: Batch, step: str) -> None:
    who.opens(f"/admin/payouts/batch/{batch.pk}/{step}")
    who.page.locator("form.officer-form button").click()


def bring(who: Visitor, file: Path) -> None:
    who.opens("/admin/payouts/replyfile/upload")
    who.is_pictured("finance-upload-zh")
    who.page.select_option("#id_bank", label="杭州银行")
    drop(who, file)
    who.page.locator("form.officer-form button").click()


def drop(who: Visitor, file: Path) -> None:
    """Drag a file from outside of the browser onto the form's field, and let it go there."""
    place = who.page.locator("#id_file").bounding_box()
    assert place is not None
    where = {"x": place["x"] + place["width"] / 2, "y": place["y"] + place["height"] / 2}
    data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    browser = who.page.context.new_cdp_session(who.page)
    for step in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": step, **where, "data": data})
    assert who.page.locator("#id_file").evaluate("field => field.files[0].name") == file.name
