"""Files of a batch: split at the row limit, numbered once, downloaded with or without a password, ordered when long."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from pyzipper.zipfile_aes import AESZipFile

from payouts.batches.assemble import seal_batch
from payouts.batches.download import WeakPassword, download_files
from payouts.batches.orders import order_files, write_ordered_files
from payouts.batches.transition import BatchRefused
from payouts.batches.write import write_files
from payouts.formats.exports.layout import Content, Encoding, Kind, LayoutRefused
from payouts.models import BankTemplate, Batch, BatchFile, Download, FileOrder, StoredFile, TemplateColumn
from payouts.storage.blobs import read_blocks
from qinqing.kernel.database.integrity import constraint_of
from tests.factories.clock import NOW
from tests.factories.payouts import (
    change_bank,
    check_batch,
    leave_in_layout_of,
    make_open_batch,
    make_released_batch,
    make_sealed_batch,
)
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

LINE = (Content.END_TO_END_ID, Content.PAYEE_NAME, Content.PAYEE_ACCOUNT, Content.AMOUNT, Content.REASON)
HEAD = (Content.BATCH_NUMBER, Content.DATE, Content.COUNT, Content.TOTAL)


def layout(**fields: object) -> BankTemplate:
    """A wallet's layout of two lines per file, in GB18030."""
    values = {"name": "钱包", "kind": Kind.DELIMITED, "encoding": Encoding.GB18030, "delimiter": "|", "row_limit": 2}
    template = BankTemplate.objects.create(**(values | fields))
    for part, contents in (("head", HEAD), ("line", LINE)):
        for position, content in enumerate(contents):
            TemplateColumn.objects.create(template=template, part=part, position=position, content=content)
    return template


def text(file: BatchFile) -> str:
    return b"".join(read_blocks(stored=file.stored)).decode("gb18030")


def test_a_batch_is_split_by_the_row_limit_and_each_part_has_its_own_sum() -> None:
    batch = make_released_batch(5)
    files = write_files(batch=batch, kind=Kind.DELIMITED, template=layout(has_titles=False), now=NOW)
    assert [(file.part, file.line_count, file.control_sum_cny) for file in files] == [
        (1, 2, 200),
        (2, 2, 200),
        (3, 1, 100),
    ]
    heads = [text(file).split("\r\n")[0].split("|") for file in files]
    assert [head[1:] for head in heads] == [
        ["20260302", "2", "200.00"],
        ["20260302", "2", "200.00"],
        ["20260302", "1", "100.00"],
    ]
    assert [head[0] for head in heads] == [f"QQ20260302B{batch.pk:08d}P{part:03d}" for part in (1, 2, 3)]
    lines = [row.split("|")[0] for file in files for row in text(file).split("\r\n")[1:] if row]
    assert lines == list(batch.instructions.order_by("pk").values_list("end_to_end_id", flat=True))


def test_without_another_limit_a_file_has_three_thousand_lines() -> None:
    batch, template = make_released_batch(3_001), layout()
    template.row_limit = BankTemplate._meta.get_field("row_limit").get_default()
    files = write_files(batch=batch, kind=Kind.DELIMITED, template=template, now=NOW)
    assert [(file.part, file.line_count, file.control_sum_cny) for file in files] == [(1, 3_000, 300_000), (2, 1, 100)]


def test_a_layout_that_changes_later_changes_no_file() -> None:
    batch, template = make_released_batch(3), layout()
    before = write_files(batch=batch, kind=Kind.DELIMITED, template=template, now=NOW)
    template.columns.all().delete()
    template.row_limit = 100
    template.save()
    after = write_files(batch=batch, kind=Kind.DELIMITED, template=template, now=NOW)
    assert [file.stored.sha256 for file in after] == [file.stored.sha256 for file in before]


def test_a_batch_number_is_never_used_a_second_time() -> None:
    batch, template = make_released_batch(1), layout()
    (file,) = write_files(batch=batch, kind=Kind.DELIMITED, template=template, now=NOW)
    other = make_released_batch(1)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        BatchFile.objects.create(
            batch=other,
            kind=Kind.DELIMITED,
            template=template,
            batch_number=file.batch_number,
            message_id="X",
            line_count=1,
            control_sum_cny=1,
            first_instruction_id=1,
            last_instruction_id=1,
            stored=file.stored,
            written_at=NOW,
        )
    assert constraint_of(refusal.value) == "batch_number_is_never_used_again"


def test_a_number_that_two_batches_come_to_is_refused_with_a_sentence() -> None:
    # Without a separator, batch 1 part 11 and batch 11 part 1 get the same number.
    batch, other = make_released_batch(1), make_released_batch(1)
    template = layout(batch_number=f"{{batch}}{other.pk}{{part}}")
    (file,) = write_files(batch=batch, kind=Kind.DELIMITED, template=template, now=NOW)
    template.batch_number = f"{batch.pk}{{batch}}{{part}}"
    template.save()
    taken_number = file.batch_number
    with pytest.raises(LayoutRefused, match=taken_number):
        write_files(batch=other, kind=Kind.DELIMITED, template=template, now=NOW)
    assert not other.files.exists()
    order = ordered(other, template)
    assert write_ordered_files(clock=lambda: NOW) == 1
    order.refresh_from_db()
    assert taken_number in order.refusal


def test_a_batch_is_paid_from_the_account_that_it_was_sealed_with() -> None:
    batch = make_released_batch(1)
    assert batch.bank is not None
    before = batch.bank.payer_account
    change_bank(bank=batch.bank, payer_account="33019999999999999999", payer_name="另一个账户")
    again = Batch.objects.select_related("bank").get(pk=batch.pk)
    write_files(batch=again, kind=Kind.PAIN001, now=NOW)
    content = b"".join(read_blocks(stored=BatchFile.objects.get(kind=Kind.PAIN001).stored)).decode()
    assert before in content
    assert "杭州市财政局" in content
    assert "33019999999999999999" not in content


def test_a_seal_says_whose_account_is_debited() -> None:
    batch = make_open_batch(1)
    declared = {"declared_count": 1, "declared_sum_cny": Decimal(100)}
    sealed = seal_batch(batch=batch, **declared, actor=make_user("maker"), now=NOW)
    assert batch.bank is not None
    assert (sealed.payer_name, sealed.payer_account) == (batch.bank.payer_name, batch.bank.payer_account)


def test_a_reason_that_the_bank_requires_comes_from_the_policy() -> None:
    batch = make_released_batch(1)
    template = layout(reason_from_cny=Decimal(100))
    (file,) = write_files(batch=batch, kind=Kind.DELIMITED, template=template, now=NOW)
    assert "试验政策" in text(file)
    batch.fund.version.policy.__class__.objects.update(title_zh=" ")
    other = layout(name="另一个", reason_from_cny=Decimal(100))
    with pytest.raises(LayoutRefused):
        write_files(batch=batch, kind=Kind.DELIMITED, template=other, now=NOW)
    assert not BatchFile.objects.filter(template=other).exists()


def taken(files: list[BatchFile], password: str = "") -> bytes:
    leave_in_layout_of(files[0])
    asked = {"password": password, "plain_because": "" if password else "a trial"}
    handed = download_files(files=files, **asked, actor=make_user("releaser"), now=NOW)
    content = b"".join(handed.blocks)
    assert len(content) == handed.byte_count
    return content


def test_several_parts_come_in_an_archive_that_is_always_the_same() -> None:
    files = write_files(batch=make_released_batch(5), kind=Kind.DELIMITED, template=layout(), now=NOW)
    content = taken(files)
    assert content == taken(files)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == [f"{file.batch_number}.csv" for file in files]
        digests = [hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()]
    assert digests == [file.stored.sha256 for file in files]
    assert Download.objects.filter(is_encrypted=False).count() == 6


def test_with_a_password_the_archive_is_read_by_nobody_without_it() -> None:
    (file,) = write_files(batch=make_released_batch(1), kind=Kind.PAIN001, now=NOW)
    content = taken([file], "a long password")
    plain = b"".join(read_blocks(stored=file.stored))
    assert plain[200:300] not in content
    with AESZipFile(io.BytesIO(content)) as archive:
        (name,) = archive.namelist()
        with pytest.raises(RuntimeError):
            archive.read(name, pwd=b"another password")
        assert archive.read(name, pwd=b"a long password") == plain
    assert Download.objects.get().is_encrypted


def test_a_short_password_is_refused_and_nothing_is_handed_out() -> None:
    (file,) = write_files(batch=make_released_batch(1), kind=Kind.PAIN001, now=NOW)
    with pytest.raises(WeakPassword):
        taken([file], "short")
    assert not Download.objects.exists()


def test_the_database_hands_out_nothing_before_the_release() -> None:
    batch = check_batch(batch=make_sealed_batch(1), actor=make_user("checker"), now=NOW)
    (file,) = write_files(batch=batch, kind=Kind.PAIN001, now=NOW)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payouts_download (file_id, downloaded_at, downloaded_by_id, is_encrypted)"
            " VALUES (%s, now(), %s, false)",
            [file.pk, make_user("maker").pk],
        )
    assert constraint_of(refusal.value) == "file_is_taken_after_release"


def ordered(batch: Batch, template: BankTemplate | None = None) -> FileOrder:
    return order_files(batch=batch, kind=Kind.DELIMITED, template=template, actor=make_user("releaser"), now=NOW)


def test_an_order_is_fulfilled_once_and_says_how_far_it_is() -> None:
    batch = make_released_batch(3)
    order = ordered(batch)
    assert ordered(batch).pk == order.pk
    assert write_ordered_files(clock=lambda: NOW) == 1
    assert write_ordered_files(clock=lambda: NOW) == 0
    order.refresh_from_db()
    assert (order.lines_written, order.finished_at, order.refusal) == (3, NOW, "")
    assert batch.files.count() == 1


def test_an_order_whose_worker_died_is_taken_up_when_its_lease_has_expired() -> None:
    order = ordered(make_released_batch(1))
    FileOrder.objects.filter(pk=order.pk).update(leased_until=NOW + timedelta(seconds=1))
    assert write_ordered_files(clock=lambda: NOW) == 0
    assert write_ordered_files(clock=lambda: NOW + timedelta(seconds=2)) == 1


def test_an_order_that_cannot_be_fulfilled_says_why() -> None:
    template = layout(batch_number="too-short")
    order = ordered(make_released_batch(1), template)
    assert write_ordered_files(clock=lambda: NOW) == 1
    order.refresh_from_db()
    assert order.refusal
    assert order.finished_at
    assert not StoredFile.objects.exists()


def test_an_open_batch_has_no_file() -> None:
    with pytest.raises(BatchRefused):
        write_files(batch=make_open_batch(1), kind=Kind.PAIN001, now=NOW)
