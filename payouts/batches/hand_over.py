"""
Hands the file of a released batch over to the drop of its bank, never twice.

A person orders it. A worker encrypts the file with the password that the bank knows, signs the encrypted bytes, commits
both, and then sends them once, outside of any transaction. Whatever has no receipt is in doubt: the drop is asked, and
nothing is sent again. Only when the drop says, after the time until which it takes the file, that it never saw it, may
somebody order once more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import structlog
from django.conf import settings
from django.db import models, transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from companies.models import User
from companies.people.scope import within_scope
from payouts.banks.drop import BankDrop, Parcel, Receipt, Word
from payouts.banks.interface import Drop, InterfaceUnknown, read_drop, read_signing_key_file
from payouts.banks.signing import KeyUnusable, read_signing_key
from payouts.banks.tls import CertificateUnusable
from payouts.batches.download import FileDownload, name_file
from payouts.batches.transition import BatchRefused
from payouts.batches.write import BatchBroken, write_files
from payouts.formats.exports import archive
from payouts.formats.exports.layout import Kind, LayoutRefused
from payouts.models import Batch, HandOverStep
from payouts.models.batches.hand_over import HandOverStepKind as Step
from payouts.sending.send import refuse_inside_transaction
from payouts.storage.blobs import read_blocks, store_blob
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.signatures import Signed, sign

log = structlog.get_logger()

# So long the drop may take the file after it was signed.
TAKEN_WITHIN = timedelta(minutes=10)
# So long the process that sends has for itself; after it another one asks.
ASK_AFTER = timedelta(seconds=3)
# The bytes of an archive are in memory while they are signed; one of 600,000 lines has some 20 MB.
LARGEST_ARCHIVE_BYTES = 100_000_000


class Overtaken(Refusal):
    """Another process has taken this step meanwhile."""


class Answered(BatchRefused):
    """A line of the batch is answered, so its file left by another way, or somebody says so."""


class _Sealed(NamedTuple):
    """An archive that only the bank can open, and its signature."""

    content: IO[bytes]
    signed: Signed


@within_scope(batch=Batch)
@transaction.atomic
def order_hand_over(*, batch: Batch, actor: User, now: datetime) -> HandOverStep:
    """
    Order that a worker hands the file of a released batch over to the drop of its bank.

    Raises:
        BatchRefused: the batch is not with the bank, or the bank has the file or may have it.
        Answered: a line of the batch is answered.
    """
    refusals = {
        "hand_over_after_release": BatchRefused(_("Only a batch that is with the bank is handed over.")),
        "hand_over_goes_step_by_step": _had(),
        "hand_over_step_once_per_number": _had(),
        "hand_over_before_any_answer": Answered(_("A line of this batch is answered; its file is not handed over.")),
        "hand_over_in_the_layout_of_its_batch": BatchRefused(_("The batch changed meanwhile; look at it again.")),
    }
    with translate_refusals(refusals):
        step = _append(batch, Step.ORDERED, now, ordered_by=actor)
    log.info("hand_over_ordered", batch=batch.message_id, actor=actor.pk)
    nudge("payouts.tasks.hand_over_files")
    return step


def hand_over_next(*, clock: Callable[[], datetime]) -> int:
    """
    Carry the next order out; return 1, or 0 if there was no order.

    Raises:
        InsideTransaction: a transaction is open.
    """
    refuse_inside_transaction()
    order = _last_steps(Step.ORDERED).first()
    if order is None:
        return 0
    try:
        _hand_over(order.batch, clock)
    except Overtaken:
        log.info("hand_over_overtaken", batch=order.batch.message_id)
    except (InterfaceUnknown, CertificateUnusable, KeyUnusable) as refusal:
        _refuse(order.batch, refusal, clock(), gettext_noop("the settings of the drop or of the key cannot be used"))
    except Answered as refusal:
        _refuse(order.batch, refusal, clock(), gettext_noop("a line of the batch was answered meanwhile"))
    except (BatchRefused, BatchBroken, LayoutRefused) as refusal:
        _refuse(order.batch, refusal, clock(), gettext_noop("the file cannot be written, or is too large to be signed"))
    return 1


def ask_drops(*, clock: Callable[[], datetime]) -> int:
    """
    Ask about the files of which it is not known whether the bank has them; return the number of those that now are.

    Raises:
        InsideTransaction: a transaction is open.
    """
    refuse_inside_transaction()
    open_steps = _last_steps(Step.STORED, Step.DOUBTED).filter(at__lt=clock() - ASK_AFTER)
    return sum(_ask(step.batch, clock) for step in open_steps)


def find_stored(*, batch: Batch) -> HandOverStep | None:
    """Find the archive that was last signed for a batch, and its signature."""
    return batch.hand_over_steps.filter(kind=Step.STORED).select_related("stored", "batch").order_by("-number").first()


def may_be_ordered(*, batch: Batch) -> bool:
    """Whether the file has never left for the drop, or did not arrive."""
    last = batch.hand_over_steps.order_by("-number").first()
    return last is None or last.kind in (Step.REFUSED, Step.ABSENT)


@within_scope(batch=Batch)
def download_archive(*, batch: Batch, actor: User) -> FileDownload:
    """
    Return the encrypted archive as it was signed for the drop.

    Raises:
        BatchRefused: none was signed yet.
    """
    stored = _stored(batch)
    assert stored.stored is not None
    log.info("handed_over_archive_downloaded", batch=batch.message_id, actor=actor.pk)
    return FileDownload(_name(batch), "application/zip", stored.stored.byte_count, read_blocks(stored=stored.stored))


@within_scope(batch=Batch)
def download_signature(*, batch: Batch, actor: User) -> FileDownload:
    """
    Return the detached signature of that archive: 64 bytes, as openssl reads them.

    Raises:
        BatchRefused: none was signed yet.
    """
    signature = bytes(_stored(batch).signature or b"")
    log.info("handed_over_signature_downloaded", batch=batch.message_id, actor=actor.pk)
    return FileDownload(f"{_name(batch)}.sig", "application/octet-stream", len(signature), iter([signature]))


def _hand_over(batch: Batch, clock: Callable[[], datetime]) -> None:
    drop, key_file = read_drop(payer_account=batch.payer_account or settings.PAYER_ACCOUNT), read_signing_key_file()
    if drop is None or not key_file:
        missing = gettext_noop("no drop is set for the account that pays, or no key that signs")
        _note(batch, Step.REFUSED, clock(), missing)
        return
    with TemporaryFile() as content, BankDrop(drop, timeout_seconds=settings.BANK_TIMEOUT_SECONDS) as client:
        signed = _seal(batch, drop, key_file, content, clock())
        parcel = _store(batch, _Sealed(content, signed), clock())
        content.seek(0)
        receipt = client.put(parcel, iter(lambda: content.read(1 << 16), b""))
    if receipt.word == Word.TAKEN:
        _note(batch, Step.TAKEN, clock())
    else:
        _note(batch, Step.DOUBTED, clock(), receipt.silence or gettext_noop("the drop confirmed other bytes"))


def _seal(batch: Batch, drop: Drop, key_file: str, content: IO[bytes], now: datetime) -> Signed:
    """Write the archive that the bank alone can open, and sign its bytes."""
    files = write_files(batch=batch, kind=Kind(batch.layout_kind), template=batch.layout_template, now=now)
    members = ((name_file(file=file), read_blocks(stored=file.stored)) for file in files)
    archive.write(content, members, password=drop.password)
    if content.tell() > LARGEST_ARCHIVE_BYTES:
        raise BatchRefused(_("The archive is too large to be signed as one; have a person take it to the bank."))
    content.seek(0)
    return sign(content.read(), key=read_signing_key(key_file))


def _store(batch: Batch, sealed: _Sealed, now: datetime) -> Parcel:
    """Commit what is about to be sent; whoever committed it is the one who sends it."""
    with transaction.atomic(durable=True), translate_refusals(_STOPPED):
        stored = store_blob(content=sealed.content, now=now)
        step = _append(
            batch,
            Step.STORED,
            now,
            stored=stored,
            signature=sealed.signed.signature,
            public_key=sealed.signed.public_key,
            valid_until=now + TAKEN_WITHIN,
        )
    return _parcel(step)


def _ask(batch: Batch, clock: Callable[[], datetime]) -> bool:
    """Ask about one file; whether it is known now."""
    stored, drop = find_stored(batch=batch), None
    assert stored is not None
    try:
        drop = read_drop(payer_account=batch.payer_account or settings.PAYER_ACCOUNT)
        if drop is None:
            return False
        with BankDrop(drop, timeout_seconds=settings.BANK_TIMEOUT_SECONDS) as client:
            receipt = client.ask(_parcel(stored))
    except (InterfaceUnknown, CertificateUnusable) as refusal:
        log.error("drop_not_asked", batch=batch.message_id, reason=str(refusal))
        return False
    return _note_receipt(batch, stored, receipt, clock())


def _note_receipt(batch: Batch, stored: HandOverStep, receipt: Receipt, now: datetime) -> bool:
    assert stored.valid_until is not None
    if receipt.word == Word.TAKEN:
        return _note(batch, Step.TAKEN, now)
    if receipt.word == Word.OTHER:
        return _note(batch, Step.REFUSED, now, gettext_noop("the drop has another file of this name; ask the bank"))
    # Until then the request may still be on its way; the bank's own clock decides.
    if receipt.word == Word.UNKNOWN and receipt.as_of and receipt.as_of > stored.valid_until:
        return _note(batch, Step.ABSENT, now, gettext_noop("the drop never saw it; it may be ordered once more"))
    return False


def _refuse(batch: Batch, refusal: Exception, now: datetime, detail: str) -> None:
    log.error("hand_over_refused", batch=batch.message_id, reason=str(refusal))
    _note(batch, Step.REFUSED, now, detail)


def _note(batch: Batch, kind: Step, now: datetime, detail: str = "") -> bool:
    """Write the next step, unless another process was faster; whether it was written."""
    try:
        with translate_refusals(_OVERTAKEN):
            _append(batch, kind, now, detail=detail)
    except Overtaken:
        return False
    log.info("hand_over", batch=batch.message_id, step=kind.value)
    return True


def _append(batch: Batch, kind: Step, now: datetime, **written: object) -> HandOverStep:
    last = batch.hand_over_steps.order_by("-number").first()
    return HandOverStep.objects.create(
        batch=batch,
        number=last.number + 1 if last else 1,
        kind=kind,
        at=now,
        layout_kind=batch.layout_kind,
        layout_template_id=batch.layout_template_id,
        **written,
    )


def _last_steps(*kinds: Step) -> models.QuerySet[HandOverStep]:
    """The steps of these kinds after which nothing has happened yet, the oldest first."""
    last = HandOverStep.objects.filter(batch=OuterRef("batch")).order_by("-number").values("pk")[:1]
    steps = HandOverStep.objects.filter(kind__in=kinds, pk=Subquery(last))
    return steps.select_related("batch__layout_template", "batch__bank").order_by("pk")


def _parcel(step: HandOverStep) -> Parcel:
    assert step.stored is not None
    assert step.valid_until is not None
    signed = Signed(bytes(step.signature or b""), bytes(step.public_key or b""))
    return Parcel(_name(step.batch), step.stored.sha256, step.stored.byte_count, signed, step.valid_until)


def _name(batch: Batch) -> str:
    # The name is the same at each order: a drop that keeps one file under a name never has two of a batch.
    return f"{batch.message_id}.zip"


def _stored(batch: Batch) -> HandOverStep:
    stored = find_stored(batch=batch)
    if stored is None:
        raise BatchRefused(_("No file of this batch has been signed yet."))
    return stored


def _had() -> BatchRefused:
    return BatchRefused(_("The bank has this file, or may have it; it is not handed over twice."))


_OVERTAKEN = dict.fromkeys(("hand_over_step_once_per_number", "hand_over_goes_step_by_step"), Overtaken)
_STOPPED = _OVERTAKEN | {"hand_over_before_any_answer": Answered}
