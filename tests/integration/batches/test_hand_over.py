"""A batch file is handed over to the bank's drop once, encrypted and signed; what is in doubt is asked about."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
import pyzipper
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.timezone import now

from payouts.batches.batch_layout import propose_layout
from payouts.batches.hand_over import TAKEN_WITHIN, ask_drops, hand_over_next, order_hand_over
from payouts.batches.layouts import ChosenLayout
from payouts.batches.transition import BatchRefused
from payouts.batches.write import write_files
from payouts.formats.exports.layout import Kind
from payouts.models import Batch, BatchFile, HandOverStep
from qinqing.bank_simulator.books import Books
from qinqing.bank_simulator.drop import Drop
from qinqing.bank_simulator.faults import Faults
from qinqing.bank_simulator.server import Bank
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.signatures import Signed, fits
from qinqing.services.ports import free_port, wait_until_listening
from tests.certificates import Authority
from tests.concurrency.racing import together
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.decisions import confirm_proposal
from tests.factories.payouts import make_released_batch, make_sealed_batch
from tests.factories.people import make_user
from tests.factories.rows import insert, refusal_of
from tests.tellers import TOKEN, serving

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

PASSWORD = "agreed with the bank"
STEP = """
    INSERT INTO payouts_handoverstep (batch_id, number, kind, at, ordered_by_id, layout_kind)
    VALUES (%s, %s, %s, now(), %s, %s)
"""


class BankClock:
    """The bank's own clock, which a test moves on."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return now() + self.ahead


@pytest.fixture
def clock() -> BankClock:
    return BankClock()


@pytest.fixture
def bank(tmp_path: Path, clock: BankClock) -> Iterator[Bank]:
    """The simulated bank with its drop, which serves from another thread."""
    books, drop = Books(tmp_path / "bank.sqlite3"), Drop(tmp_path / "drop.sqlite3", clock=clock)
    server = Bank(address=("127.0.0.1", 0), books=books, token=TOKEN, faults=Faults(), drop=drop)
    with serving(server):
        yield server


@pytest.fixture
def drops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Tells this process, as the worker that hands over, where the drop is, and which key signs."""
    key = Ed25519PrivateKey.generate()
    (tmp_path / "signing.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    monkeypatch.setenv("SIGNING_KEY", str(tmp_path / "signing.pem"))
    monkeypatch.setenv("BANK_DROPS", str(tmp_path / "drops.json"))

    def tell(address: str, **others: str) -> None:
        told = {"address": address, "password": PASSWORD, "token": TOKEN} | others
        (tmp_path / "drops.json").write_text(json.dumps({settings.PAYER_ACCOUNT: told}))

    return tell


@pytest.fixture
def told(bank: Bank, drops: Callable[..., None]) -> Bank:
    drops(address_of(bank))
    return bank


def address_of(bank: Bank) -> str:
    return f"http://127.0.0.1:{bank.server_address[1]}/v1/drop"


def ordered(batch: Batch | None = None) -> Batch:
    batch = batch or make_released_batch(2)
    order_hand_over(batch=batch, actor=make_user("releaser"), now=now())
    return batch


def steps(batch: Batch) -> list[str]:
    return list(batch.hand_over_steps.order_by("number").values_list("kind", flat=True))


def later() -> datetime:
    """A moment at which another process no longer waits for the one that sends."""
    return now() + timedelta(seconds=30)


def in_the_drop(bank: Bank, batch: Batch) -> Any:
    assert bank.drop is not None
    return bank.drop.find(f"{batch.message_id}.zip")[1]


def test_a_file_is_handed_over_encrypted_and_signed(told: Bank) -> None:
    batch = ordered()
    assert hand_over_next(clock=now) == 1
    assert steps(batch) == ["ordered", "stored", "taken"]
    dropped, stored = in_the_drop(told, batch), batch.hand_over_steps.get(kind="stored")
    signed = Signed(base64.b64decode(dropped.signature), bytes(stored.public_key))
    assert fits(dropped.content, signed=signed)
    assert not fits(dropped.content + b" ", signed=signed)
    with pyzipper.AESZipFile(BytesIO(dropped.content)) as archive:
        archive.setpassword(PASSWORD.encode())
        (name,) = archive.namelist()
        file = BatchFile.objects.get(batch=batch)
        assert len(archive.read(name)) == file.stored.byte_count
        archive.setpassword(b"some other password")
        with pytest.raises(RuntimeError):
            archive.read(name)


def test_it_is_not_handed_over_twice(told: Bank) -> None:
    batch = ordered()
    hand_over_next(clock=now)
    with pytest.raises(BatchRefused, match="not handed over twice"):
        ordered(batch)
    assert (hand_over_next(clock=now), ask_drops(clock=later)) == (0, 0)
    assert told.drop is not None
    assert told.drop.count() == 1


def test_a_receipt_that_is_lost_is_asked_for_and_nothing_is_sent_again(told: Bank) -> None:
    told.set_faults(Faults(drop_reply_rate=1))
    batch = ordered()
    hand_over_next(clock=now)
    assert steps(batch) == ["ordered", "stored", "doubted"]
    assert batch.hand_over_steps.get(kind="doubted").detail == "no connection to the drop"
    with pytest.raises(BatchRefused, match="not handed over twice"):
        ordered(batch)
    assert hand_over_next(clock=now) == 0
    assert ask_drops(clock=later) == 1
    assert steps(batch)[-1] == "taken"
    assert told.struck["drop_reply_rate"] == 1


def test_a_drop_that_hangs_is_asked_too(told: Bank, settings: Any) -> None:
    settings.BANK_TIMEOUT_SECONDS = 0.5
    told.set_faults(Faults(timeout_rate=1, hang_seconds=2))
    batch = ordered()
    hand_over_next(clock=now)
    assert batch.hand_over_steps.get(kind="doubted").detail == "the drop did not answer in time"
    is_there = in_the_drop(told, batch) is not None
    assert ask_drops(clock=later) == is_there


def test_what_never_arrived_is_ordered_again_only_when_the_drop_would_take_it_no_more(
    bank: Bank, drops: Callable[..., None], clock: BankClock
) -> None:
    drops(f"http://127.0.0.1:{free_port()}")
    batch = ordered()
    hand_over_next(clock=now)
    drops(address_of(bank))
    # The request could still be on its way.
    assert ask_drops(clock=later) == 0
    with pytest.raises(BatchRefused):
        ordered(batch)
    clock.ahead = TAKEN_WITHIN + timedelta(seconds=1)
    assert ask_drops(clock=later) == 1
    assert steps(batch) == ["ordered", "stored", "doubted", "absent"]
    clock.ahead = timedelta()
    ordered(batch)
    hand_over_next(clock=now)
    assert steps(batch)[-3:] == ["ordered", "stored", "taken"]
    assert bank.drop is not None
    assert bank.drop.count() == 1


def test_a_worker_that_died_before_it_sent_is_not_made_up_for(told: Bank, clock: BankClock) -> None:
    batch = ordered(make_released_batch(1))
    (file,) = written(batch)
    HandOverStep.objects.create(
        batch=batch,
        number=2,
        kind="stored",
        at=now(),
        layout_kind=batch.layout_kind,
        stored=file.stored,
        signature=b"s" * 64,
        public_key=b"p" * 32,
        valid_until=now(),
    )
    assert hand_over_next(clock=now) == 0
    # Whoever sends has a moment for itself.
    assert ask_drops(clock=now) == 0
    clock.ahead = timedelta(seconds=1)
    assert ask_drops(clock=later) == 1
    assert steps(batch) == ["ordered", "stored", "absent"]
    assert told.drop is not None
    assert told.drop.count() == 0


def written(batch: Batch) -> list[BatchFile]:
    return write_files(batch=batch, kind=Kind(batch.layout_kind), now=NOW)


def test_another_file_of_the_same_name_is_for_people_to_clear_up(told: Bank) -> None:
    batch = ordered()
    assert told.drop is not None
    told.drop.take(f"{batch.message_id}.zip", b"somebody else's", signature="", valid_until=later())
    hand_over_next(clock=now)
    assert ask_drops(clock=later) == 1
    assert steps(batch) == ["ordered", "stored", "doubted", "refused"]
    assert told.drop.count() == 1


@pytest.mark.parametrize("missing", ["BANK_DROPS", "SIGNING_KEY"])
def test_without_a_drop_or_a_key_nothing_leaves_and_the_page_says_why(
    missing: str, told: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(missing)
    batch = ordered()
    hand_over_next(clock=now)
    assert steps(batch) == ["ordered", "refused"]
    page = sign_in_official("finance_releaser").get(reverse("admin:payouts_batch_files", args=[batch.pk]))
    assert "no drop is set for the account that pays" in page.content.decode()


@pytest.mark.parametrize(("name", "wrong"), [("password", "short"), ("certificate", "/no/such/file.pem")])
def test_settings_that_cannot_be_used_are_no_reason_to_send(
    name: str, wrong: str, bank: Bank, drops: Callable[..., None]
) -> None:
    drops(address_of(bank), **{name: wrong})
    batch = ordered()
    hand_over_next(clock=now)
    assert batch.hand_over_steps.get(kind="refused").detail == "the settings of the drop or of the key cannot be used"


def test_raw_sql_hands_over_only_what_is_released_in_its_layout_and_step_by_step() -> None:
    person = make_user("releaser").pk
    sealed, released = make_sealed_batch(1), make_released_batch(1)
    assert refusal_of(STEP, sealed.pk, 1, "ordered", person, "") == "hand_over_after_release"
    assert refusal_of(STEP, released.pk, 1, "ordered", person, "xlsx") == "hand_over_in_the_layout_of_its_batch"
    for number, kind in ((1, "taken"), (2, "ordered"), (1, "stored")):
        by = person if kind == "ordered" else None
        assert refusal_of(STEP, released.pk, number, kind, by, "pain.001.001.09") == "hand_over_goes_step_by_step"
    assert refusal_of(STEP, released.pk, 1, "ordered", person, "pain.001.001.09") is None
    assert refusal_of(STEP, released.pk, 2, "ordered", person, "pain.001.001.09") == "hand_over_goes_step_by_step"
    assert refusal_of("DELETE FROM payouts_handoverstep") == "hand_over_step_is_kept"


def test_raw_sql_orders_nothing_again_that_the_bank_has(told: Bank) -> None:
    batch = ordered()
    hand_over_next(clock=now)
    again = refusal_of(STEP, batch.pk, 4, "ordered", make_user("releaser").pk, batch.layout_kind)
    assert again == "hand_over_goes_step_by_step"


def answer(batch: Batch) -> None:
    """Let the bank answer the first line of a batch."""
    line = batch.instructions.order_by("pk").first()
    assert line is not None
    insert("payouts_reply", instruction_id=line.pk, outcome="refused")


def test_a_file_of_which_a_line_is_answered_is_not_handed_over(told: Bank) -> None:
    batch = make_released_batch(2)
    answer(batch)
    with pytest.raises(BatchRefused, match="is answered"):
        ordered(batch)
    step = refusal_of(STEP, batch.pk, 1, "ordered", make_user("releaser").pk, batch.layout_kind)
    assert step == "hand_over_before_any_answer"


def test_an_answer_between_order_and_hand_over_stops_the_file(told: Bank) -> None:
    batch = ordered()
    answer(batch)
    hand_over_next(clock=now)
    assert steps(batch) == ["ordered", "refused"]
    assert batch.hand_over_steps.get(number=2).detail == "a line of the batch was answered meanwhile"
    assert told.drop is not None
    assert told.drop.count() == 0


def test_the_layout_stays_once_the_file_was_handed_over(told: Bank) -> None:
    batch = make_released_batch(1)
    asked = {"batch": batch, "layout": ChosenLayout(Kind.WORKBOOK), "because": "the counter asks", "now": NOW}
    proposal = propose_layout(**asked, actor=make_user("releaser"))
    ordered(batch)
    with pytest.raises(BatchRefused, match="another layout would be a second") as refused:
        confirm_proposal(proposal)
    assert constraint_of(refused.value.__cause__) == "layout_stays_once_handed_over"  # type: ignore[arg-type]
    with pytest.raises(BatchRefused, match="another layout would be a second"):
        propose_layout(**asked | {"layout": ChosenLayout(Kind.DELIMITED)}, actor=make_user("releaser"))


@pytest.mark.django_db(transaction=True)
def test_four_workers_hand_one_order_over_once(told: Bank) -> None:
    batch = ordered()
    assert [each for each in together([lambda: hand_over_next(clock=now)] * 4) if each not in (0, 1)] == []
    ask_drops(clock=later)
    assert steps(batch) == ["ordered", "stored", "taken"]
    dropped, stored = in_the_drop(told, batch), batch.hand_over_steps.get(kind="stored")
    assert dropped.sha256 == stored.stored.sha256
    assert told.drop is not None
    assert told.drop.count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_clerks_order_once() -> None:
    batch, clerk = make_released_batch(1), make_user("releaser")
    outcomes = together([lambda: order_hand_over(batch=batch, actor=clerk, now=now())] * 4)
    assert sorted(type(each).__name__ for each in outcomes) == ["BatchRefused"] * 3 + ["HandOverStep"]
    assert steps(batch) == ["ordered"]


def test_finance_orders_it_takes_what_was_signed_and_checks_it(told: Bank, tmp_path: Path) -> None:
    batch = make_released_batch(1)
    clerk, page = sign_in_official("finance_releaser"), reverse("admin:payouts_batch_files", args=[batch.pk])
    assert 'value="order"' in clerk.get(page).content.decode()
    clerk.post(page, {"hand_over": "order"})
    hand_over_next(clock=now)
    shown = clerk.get(page).content.decode()
    assert 'value="order"' not in shown
    assert "BEGIN PUBLIC KEY" in shown
    assert "taken by the bank" in clerk.get(reverse("admin:payouts_batch_change", args=[batch.pk])).content.decode()
    file, signature = tmp_path / "taken.zip", tmp_path / "taken.zip.sig"
    for target, name in ((file, "archive"), (signature, "signature")):
        target.write_bytes(b"".join(clerk.post(page, {"hand_over": name}).streaming_content))
    assert len(signature.read_bytes()) == 64
    assert file.read_bytes() == in_the_drop(told, batch).content
    out = said(file, signature)
    assert f"The signature fits this file. Batch {batch.message_id}" in out
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(CommandError, match="does NOT fit"):
        said(file, signature)


def said(file: Path, signature: Path) -> str:
    out = StringIO()
    call_command("verify_file", str(file), str(signature), stdout=out)
    return out.getvalue()


def test_who_does_not_take_files_hands_none_over() -> None:
    batch = make_released_batch(1)
    page = reverse("admin:payouts_batch_files", args=[batch.pk])
    for role in ("finance_checker", "auditor", "officer"):
        assert sign_in_official(role).post(page, {"hand_over": "order"}).status_code == 403
    assert sign_in_official("finance_releaser").post(page, {"hand_over": "anything"}).status_code == 404
    assert not HandOverStep.objects.exists()


def test_a_drop_of_another_process_that_asks_for_our_certificate_takes_it(
    drops: Callable[..., None], tmp_path: Path
) -> None:
    authority = Authority(tmp_path, "authority")
    own, ours, port = authority.sign("bank"), authority.sign("treasury"), free_port()
    command = ["qinqing.bank_simulator", "--port", str(port), "--books", str(tmp_path / "books.sqlite3")]
    command += ["--drop", str(tmp_path / "drop.sqlite3"), "--certificate", own.certificate, "--key", own.key]
    command += ["--clients", authority.file]
    environment = {"BANK_TOKEN": TOKEN, "PATH": "/usr/bin:/bin"}
    batch = make_released_batch(1)
    with subprocess.Popen([sys.executable, "-m", *command], cwd=settings.BASE_DIR, env=environment) as process:
        try:
            wait_until_listening(port, process, log="its output")
            address = f"https://127.0.0.1:{port}/v1/drop"
            drops(address, authority=authority.file)
            ordered(batch)
            hand_over_next(clock=now)
            assert steps(batch)[-1] == "doubted"
            drops(address, authority=authority.file, certificate=ours.certificate, key=ours.key)
            other = ordered(make_released_batch(1))
            hand_over_next(clock=now)
            assert steps(other) == ["ordered", "stored", "taken"]
        finally:
            process.terminate()
    assert Drop(tmp_path / "drop.sqlite3").count() == 1
