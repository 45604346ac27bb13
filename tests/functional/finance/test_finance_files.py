"""The pages of batches, files, replies, banks and layouts: who may do what, and that no link changes anything."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from payouts.batch_states import BatchStatus
from payouts.batches.admin import batch_files
from payouts.batches.assemble import open_batch
from payouts.batches.orders import write_ordered_files
from payouts.batches.release import reconcile_batches, reject_batch
from payouts.formats.exports.layout import Content, Kind
from payouts.models import (
    Bank,
    BankTemplate,
    Batch,
    Download,
    FileOrder,
    Payout,
    Reply,
    ReplyFile,
    ReplyFileStatus,
    ReplyLine,
    StoredFile,
)
from payouts.replies.apply import apply_replies
from payouts.replies.files import read_reply, upload_reply
from payouts.states import Status
from qinqing.proposals.admin import address_of
from qinqing.proposals.models import Proposal
from tests.factories import replies as written
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.decisions import apply_file, confirm_proposal
from tests.factories.payouts import (
    make_bank,
    make_file_fund,
    make_open_batch,
    make_payout,
    make_released_batch,
    make_sealed_batch,
)
from tests.factories.people import give_rights, give_roles, make_user
from tests.functional.finance.test_finance_desk import address
from tests.superuser import as_superuser

pytestmark = pytest.mark.django_db

MODELS = ("bank", "banktemplate", "replytemplate", "replyfile", "replyline", "download", "batch")


@pytest.fixture
def clerk() -> Client:
    return sign_in_official("finance_maker", "finance")


def colleague(name: str, *rights: str) -> Client:
    """A clerk with these rights alone."""
    person = give_rights(make_user(name), is_staff=True)
    role, _is_new = Group.objects.get_or_create(name=" ".join(rights))
    with as_superuser():
        role.permissions.set(Permission.objects.filter(codename__in=("view_batch", *rights)))
    give_roles(person, role.name)
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(person)
    return browser


def uploaded(rows: list[tuple[str, str]]) -> ReplyFile:
    file, _is_known = upload_reply(
        bank=None,
        name="reply.xml",
        content=io.BytesIO(written.status_report(rows)),
        actor=make_user("finance"),
        now=NOW,
    )
    return read_reply(file=file)


def unmatched() -> ReplyLine:
    file = uploaded([("Q9A01", "ACSC")])
    apply_file(file=file)
    return file.lines.get()


def status(batch: Batch) -> str:
    return str(Batch.objects.get(pk=batch.pk).status)


@pytest.mark.parametrize("model", MODELS)
def test_finance_and_auditors_see_the_lists_and_nobody_else(model: str) -> None:
    make_released_batch(1)
    unmatched()
    for group, expected in {"finance": 200, "auditor": 200, "officer": 403, "department": 403}.items():
        assert sign_in_official(group).get(address(model)).status_code == expected


STEPS: dict[str, tuple[Any, str, dict[str, str], BatchStatus]] = {
    "collect_again": (make_open_batch, "add_batch", {}, BatchStatus.OPEN),
    "seal": (make_open_batch, "add_batch", {"declared_count": "2", "declared_sum_cny": "200"}, BatchStatus.SEALED),
    "discard": (make_open_batch, "add_batch", {"because": "a trial"}, BatchStatus.DISCARDED),
    "approve": (make_sealed_batch, "check_batch", {"checked_sum_cny": "200"}, BatchStatus.APPROVED),
    "reject": (make_sealed_batch, "check_batch", {"because": "a trial"}, BatchStatus.REJECTED),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_asks_first_and_is_for_those_who_have_its_right(step: str) -> None:
    standing, right, given, after = STEPS[step]
    batch = standing(2)
    before = status(batch)
    for other in ("add_batch", "check_batch", "release_batch", "close_batch", "change_batch"):
        if other != right:
            answer = colleague("stranger", other).post(address("batch", step, batch.pk), given)
            assert (answer.status_code, status(batch)) == (403, before)
    somebody = colleague("somebody", right)
    page = somebody.get(address("batch", step, batch.pk))
    assert (page.status_code, status(batch)) == (200, before)
    # The checker types the control sum first, and approves then.
    for _press in range(2 if step == "approve" else 1):
        assert status(batch) == before
        assert somebody.post(address("batch", step, batch.pk), given).status_code == 302
    assert status(batch) == after


def test_the_whole_way_by_three_people_with_one_right_each() -> None:
    batch = make_open_batch(2)
    maker, checker = colleague("a", "add_batch"), colleague("b", "check_batch")
    releaser, closer = colleague("c", "release_batch", "change_batch"), colleague("d", "close_batch")
    maker.post(address("batch", "seal", batch.pk), {"declared_count": "2", "declared_sum_cny": "200.00"})
    checker.post(address("batch", "approve", batch.pk), {"checked_sum_cny": "200"})
    checker.post(address("batch", "approve", batch.pk))
    assert releaser.get(address("batch", "files", batch.pk)).status_code == 403
    releaser.post(address("batch", "release", batch.pk), {"layout": f"{Kind.PAIN001}/"})
    assert status(batch) == BatchStatus.EXPORTED
    assert releaser.get(address("batch", "files", batch.pk)).status_code == 200
    assert "is “with the bank” by now" in closer.post(address("batch", "close", batch.pk), follow=True).content.decode()
    assert status(batch) == BatchStatus.EXPORTED
    file = uploaded([(each, "ACSC") for each in batch.instructions.values_list("end_to_end_id", flat=True)])
    apply_file(file=file)
    apply_replies(limit=10, now=NOW)
    reconcile_batches(now=NOW)
    assert closer.post(address("batch", "close", batch.pk)).status_code == 302
    assert status(batch) == BatchStatus.CLOSED


def test_whoever_has_every_right_still_cannot_do_everything() -> None:
    clerk = colleague("everybody", "add_batch", "check_batch")
    clerk.post(address("batch", "collect"), {"fund": make_file_fund(1).pk})
    batch = Batch.objects.get()
    clerk.post(address("batch", "seal", batch.pk), {"declared_count": "1", "declared_sum_cny": "100"})
    answer = clerk.post(address("batch", "approve", batch.pk), {"checked_sum_cny": "100"}, follow=True)
    assert "ask a colleague" in answer.content.decode()
    assert status(batch) == BatchStatus.SEALED


def test_another_sum_than_the_databases_is_said_and_seals_nothing(clerk: Client) -> None:
    batch = make_open_batch(2)
    page = clerk.get(address("batch", "seal", batch.pk)).content.decode()
    assert "200.00" not in page
    given = {"declared_count": "2", "declared_sum_cny": "200.01"}
    answer = clerk.post(address("batch", "seal", batch.pk), given, follow=True)
    assert "nothing was sealed" in answer.content.decode()
    assert status(batch) == BatchStatus.OPEN


def test_collecting_is_a_button_and_an_empty_desk_says_so(clerk: Client) -> None:
    assert "Nothing waits for a file" in clerk.get(address("batch", "collect")).content.decode()
    fund = make_file_fund(2)
    assert "¥200.00" in clerk.get(address("batch", "collect")).content.decode()
    assert not Batch.objects.exists()
    answer = clerk.post(address("batch", "collect"), {"fund": fund.pk})
    batch = Batch.objects.get()
    assert answer["Location"] == address("batch", "change", batch.pk)
    assert address("batch", "change", batch.pk) in clerk.get(address("batch", "collect")).content.decode()


def test_a_long_batch_is_ordered_and_the_page_shows_how_far_it_is(
    clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_files, "LARGEST_IMMEDIATE_LINES", 1)
    batch = make_released_batch(2)
    clerk.post(address("batch", "files", batch.pk), {"layout": f"{Kind.PAIN001}/"})
    assert FileOrder.objects.get().batch_id == batch.pk
    page = clerk.get(address("batch", "files", batch.pk)).content.decode()
    assert "0 of 2 lines are written" in page
    assert 'http-equiv="refresh"' in page
    write_ordered_files(clock=lambda: NOW)
    given = {"layout": f"{Kind.PAIN001}/", "part": "1"}
    assert "Keep the password" in clerk.post(address("batch", "files", batch.pk), given, follow=True).content.decode()
    answer = clerk.post(address("batch", "files", batch.pk), given | {"plain_because": "a trial"})
    assert answer.getvalue().startswith(b"<?xml")
    assert Download.objects.get().plain_because == "a trial"


def test_a_short_password_hands_nothing_out(clerk: Client) -> None:
    batch = make_released_batch(1)
    given = {"layout": f"{Kind.PAIN001}/", "password": "short"}
    answer = clerk.post(address("batch", "files", batch.pk), given, follow=True)
    assert "at least 12 characters" in answer.content.decode()
    assert not Download.objects.exists()
    answer = clerk.post(address("batch", "files", batch.pk), given | {"password": "long enough now"})
    assert answer["Content-Type"] == "application/zip"


def test_one_form_holds_the_password_and_every_button(clerk: Client) -> None:
    batch = make_released_batch()
    given = {"layout": f"{Kind.PAIN001}/", "password": "long enough now"}
    clerk.post(address("batch", "files", batch.pk), given)
    page = clerk.get(address("batch", "files", batch.pk)).content.decode()
    shelf = page[page.index(f'value="{Kind.PAIN001}/"') :]
    form = shelf[: shelf.index("</form>")]
    assert 'name="password"' in form
    assert '<button type="submit" name="part" value="1"' in form
    # The button stands first: at the end of a row that scrolls sideways, nobody with a phone would see it.
    row = form[form.index("<tbody>") :]
    assert row.index('name="part"') < row.index(batch.message_id)
    answer = clerk.post(address("batch", "files", batch.pk), given | {"part": "1"})
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert Download.objects.latest("pk").is_encrypted


def test_a_rejected_batch_says_that_it_was_rejected_and_why(clerk: Client) -> None:
    batch = make_sealed_batch()
    reject_batch(batch=batch, because="名册有误", actor=make_user("checker"), now=NOW)
    page = clerk.get(address("batch", "change", batch.pk)).content.decode()
    assert "<td>rejected</td>" in page
    assert "<td>名册有误</td>" in page


def file_of(content: bytes, name: str = "reply.xml") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content)}


def test_a_file_is_looked_at_before_anything_happens(clerk: Client) -> None:
    batch = make_released_batch(1)
    (end_to_end_id,) = batch.instructions.values_list("end_to_end_id", flat=True)
    content = written.status_report([(end_to_end_id, "ACSC")])
    assert clerk.get(address("replyfile", "upload")).status_code == 200
    shown = clerk.post(address("replyfile", "upload"), file_of(content), follow=True).content.decode()
    file = ReplyFile.objects.get()
    assert (file.status, end_to_end_id in shown) == (ReplyFileStatus.READ, True)
    assert clerk.get(address("replyfile", "apply", file.pk)).status_code == 200
    assert Payout.objects.get(fund=batch.fund).status == Status.SENT
    assert clerk.post(address("replyfile", "apply", file.pk), {"because": "today’s"}).status_code == 302
    assert Payout.objects.get(fund=batch.fund).status == Status.SENT
    confirm_proposal(Proposal.objects.get(kind="apply_reply_file"))
    apply_replies(limit=10, now=NOW)
    assert Payout.objects.get(fund=batch.fund).status == Status.PAID
    again = clerk.post(address("replyfile", "upload"), file_of(content), follow=True).content.decode()
    assert "came before" in again
    twice = clerk.post(address("replyfile", "apply", file.pk), {"because": "again"}, follow=True).content.decode()
    assert "only one that was read and not applied can be applied" in twice
    assert Reply.objects.count() == 1


def test_what_a_clerk_did_is_kept_in_the_words_of_the_button(clerk: Client) -> None:
    clerk.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    batch = make_released_batch(1)
    (end_to_end_id,) = batch.instructions.values_list("end_to_end_id", flat=True)
    file = uploaded([(end_to_end_id, "ACSC")])
    clerk.post(address("replyfile", "apply", file.pk), {"because": "today’s"})
    history = clerk.get(address("replyfile", "history", file.pk)).content.decode()
    assert "应用" in history
    assert "applied" not in history


def test_a_wrong_file_is_refused_in_a_sentence(clerk: Client) -> None:
    answer = clerk.post(address("replyfile", "upload"), file_of(b""))
    assert answer.status_code == 422
    shown = clerk.post(address("replyfile", "upload"), file_of(b"%PDF-1.7 ..."), follow=True).content.decode()
    assert "PDF" in shown
    assert ReplyFile.objects.get().status == ReplyFileStatus.REFUSED


def test_rows_without_an_instruction_have_no_amount_and_are_counted_in_words(clerk: Client) -> None:
    file = uploaded([("Q9A01", "ACSC"), ("Q9A02", "ACSC")])
    shown = clerk.get(address("replyfile", "change", file.pk)).content.decode()
    assert "¥0.00" not in shown
    asked = clerk.get(address("replyfile", "apply", file.pk)).content.decode()
    assert "<li>no instruction of ours · paid · 2 rows</li>" in asked


def test_only_finance_brings_and_applies_files() -> None:
    file = uploaded([("Q9A01", "ACSC")])
    auditor = sign_in_official("auditor")
    assert auditor.post(address("replyfile", "upload"), file_of(b"x")).status_code == 403
    for step in ("apply", "withdraw"):
        assert auditor.post(address("replyfile", step, file.pk)).status_code == 403
    file.refresh_from_db()
    assert file.status == ReplyFileStatus.READ


def test_a_file_is_set_aside_by_a_button(clerk: Client) -> None:
    file = uploaded([("Q9A01", "ACSC")])
    assert clerk.post(address("replyfile", "withdraw", file.pk)).status_code == 302
    file.refresh_from_db()
    assert file.status == ReplyFileStatus.WITHDRAWN


def test_an_unmatched_row_is_decided_by_a_person(clerk: Client) -> None:
    line = unmatched()
    assert str(line.pk) in clerk.get(address("replyline")).content.decode()
    assert (
        sign_in_official("auditor").post(address("replyline", "set_aside", line.pk), {"because": "x"}).status_code
        == 403
    )
    wrong = clerk.post(address("replyline", "match", line.pk), {"end_to_end_id": "Q7A01", "because": "x"}, follow=True)
    assert "no instruction" in wrong.content.decode()
    assert clerk.post(address("replyline", "set_aside", line.pk), {"because": "a fee"}).status_code == 302
    line.refresh_from_db()
    assert (line.decided_by, line.decided_because) == (make_user("finance"), "a fee")
    again = clerk.post(address("replyline", "set_aside", line.pk), {"because": "again"}, follow=True)
    assert "it was decided already" in again.content.decode()
    line.refresh_from_db()
    assert line.decided_because == "a fee"


COLUMNS = (Content.END_TO_END_ID, Content.PAYEE_NAME, Content.PAYEE_ACCOUNT, Content.AMOUNT)


def typed(contents: tuple[str, ...] = COLUMNS, **fields: str) -> dict[str, str]:
    """A layout as the page posts it."""
    given = {
        "name": "试验版式",
        "kind": "delimited",
        "row_limit": "3000",
        "batch_number": "QQ{date}B{batch:08d}P{part:03d}",
        "encoding": "utf-8",
        "delimiter": "|",
        "line_end": "lf",
        "amount_form": "yuan",
        "date_form": "%Y%m%d",
        "columns-TOTAL_FORMS": str(len(contents)),
        "columns-INITIAL_FORMS": "0",
    }
    for number, content in enumerate(contents):
        row = {"part": "line", "position": str(number), "content": content, "title": "", "text": "", "longest": "0"}
        given |= {f"columns-{number}-{name}": value for name, value in row.items()}
    return given | fields


def test_a_layout_is_saved_once_it_can_be_written_in(clerk: Client) -> None:
    answer = clerk.post(address("banktemplate", "add"), typed(COLUMNS[:2]))
    assert "Each line needs: payee’s account, amount. Add the columns." in answer.content.decode()
    assert not BankTemplate.objects.exists()
    assert clerk.post(address("banktemplate", "add"), typed()).status_code == 302
    assert BankTemplate.objects.get().columns.count() == 4


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"batch_number": "{batch}"}, "Build the batch number"),
        ({"reason_from_cny": "50000"}, "requires a reason"),
        ({"reason_from_cny": "-1"}, "0.01"),
        ({"row_limit": "0"}, "1"),
        ({"columns-0-part": "head"}, "Each line needs"),
    ],
)
def test_a_layout_that_no_bank_could_read_is_refused(clerk: Client, fields: dict[str, str], told: str) -> None:
    answer = clerk.post(address("banktemplate", "add"), typed(**fields))
    assert told in answer.content.decode()
    assert not BankTemplate.objects.exists()


def test_the_sample_follows_what_is_typed_and_stores_nothing(clerk: Client) -> None:
    shown = clerk.post(address("banktemplate", "sample"), typed(name="")).content.decode()
    assert "Q000000000000001A01|杭州试验餐饮有限公司|6222021234567890|500.00" in shown
    sheet = clerk.post(address("banktemplate", "sample"), typed(kind="xlsx")).content.decode()
    assert "<td>500.00</td>" in sheet
    assert "Each line needs" in clerk.post(address("banktemplate", "sample"), typed(())).content.decode()
    assert clerk.get(address("banktemplate", "sample")).status_code == 405
    assert sign_in_official("auditor").post(address("banktemplate", "sample"), typed()).status_code == 403
    assert not BankTemplate.objects.exists()
    assert not StoredFile.objects.exists()


BANK = {
    "name": "杭州银行",
    "channel": "file",
    "payer_name": "杭州市财政局",
    "payer_account": "33010000000000000001",
    "payer_bank_number": "011331000015",
    "answer_days": "5",
    "because": "新开专户",
}


def test_a_bank_is_proposed_and_keeps_its_channel_while_a_batch_is_on_its_way(clerk: Client) -> None:
    page = address("bank", "propose_new")
    answer = clerk.post(page, BANK | {"payer_account": "12 34"})
    assert "6 to 32 digits" in answer.content.decode()
    assert not Proposal.objects.exists()
    answer = clerk.post(page, BANK, follow=True)
    assert "a colleague has to confirm this proposal" in answer.content.decode()
    assert not Bank.objects.exists()
    confirm_proposal(Proposal.objects.get())
    bank = Bank.objects.get()
    make_open_batch(1, of=bank)
    page = address("bank", "propose_terms", bank.pk)
    shown = BANK | {"seen": clerk.get(page).context["form"].initial["seen"]}
    answer = clerk.post(page, shown | {"channel": "http"})
    assert "on their way" in answer.content.decode()
    assert "have this name" not in answer.content.decode()
    assert "has these terms already" in clerk.post(page, shown).content.decode()
    assert clerk.post(page, shown | {"answer_days": "9"}).status_code == 302
    bank.refresh_from_db()
    assert (bank.channel, bank.answer_days) == ("file", 5)


def test_a_banks_page_shows_the_proposal_that_waits(clerk: Client) -> None:
    bank = make_bank()
    page = address("bank", "change", bank.pk)
    assert "Waits for a colleague" not in clerk.get(page).content.decode()
    typed = BANK | {"name": bank.name, "payer_account": "33010000000000000002"}
    seen = clerk.get(address("bank", "propose_terms", bank.pk)).context["form"].initial["seen"]
    clerk.post(address("bank", "propose_terms", bank.pk), typed | {"seen": seen})
    proposal = Proposal.objects.get(decision="")
    shown = clerk.get(page).content.decode()
    assert "<del>33010000000000000001</del>" in shown
    assert "<ins>33010000000000000002</ins>" in shown
    assert f'href="{address_of(proposal)}"' in shown
    # Nobody writes the row on its own page.
    assert clerk.post(page, typed).status_code == 403
    other = sign_in_official("finance", "second_clerk")
    other.post(reverse("admin:proposals_proposal_confirm", args=[proposal.pk]))
    bank.refresh_from_db()
    assert bank.payer_account == "33010000000000000002"


def test_a_funds_bank_is_chosen_by_finance(clerk: Client) -> None:
    fund, bank = make_payout().fund, make_bank()
    assert clerk.get(address("fund", "choose_bank", fund.pk)).status_code == 200
    assert clerk.post(address("fund", "choose_bank", fund.pk), {"bank": bank.pk, "because": "x"}).status_code == 302
    confirm_proposal(Proposal.objects.get(decision=""))
    fund.refresh_from_db()
    assert fund.bank == bank
    open_batch(fund=fund, actor=make_user("maker"), now=NOW)
    answer = clerk.post(address("fund", "choose_bank", fund.pk), {"bank": "", "because": "x"}, follow=True)
    assert "on their way" in answer.content.decode()
    assert sign_in_official("auditor").post(address("fund", "choose_bank", fund.pk), {"bank": ""}).status_code == 403


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_speak_both_languages(clerk: Client, language: str) -> None:
    batch, line = make_released_batch(1), unmatched()
    pages = [
        *(address("batch", "change", batch.pk), address("batch", "files", batch.pk), address("batch", "collect")),
        *(address("replyfile", "upload"), address("replyfile", "change", line.file_id), address("banktemplate", "add")),
        *(address("replyline", "match", line.pk), address("bank", "propose_new"), address("replytemplate", "add")),
    ]
    for page in pages:
        assert clerk.get(page, headers={"accept-language": language}).status_code == 200
