"""Takes in a department's delivery."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import BinaryIO

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.deliveries.access import datasets_open_to
from companies.deliveries.delivery_id import DELIVERY_ID_FORM
from companies.deliveries.landing.land import land
from companies.deliveries.locks import take_lock
from companies.deliveries.registry.targets import Deliverable, find_deliverable
from companies.deliveries.signatures.proof import (
    Proof,
    SignedManifest,
    check_proof,
    check_row_count,
    evidence_of,
    find_proof,
    key_revoked,
)
from companies.deliveries.staging.checks import quarantine_rows, quarantine_wrong_rows
from companies.deliveries.staging.read_file import digest
from companies.deliveries.staging.table import count_rows, drop_staging, finish_staging, stage
from companies.models import Delivery, DeliveryStatus, User
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import in_both_languages

log = structlog.get_logger(__name__)


class WrongDeliveryId(Refusal):
    """The id cannot name a delivery."""


class OtherBytes(Refusal):
    """A delivery of that id has landed already, with other content."""


class OtherDay(Refusal):
    """A delivery of that id has landed already, with the same content as the data of another day."""


class ChangedWhileRead(Refusal):
    """Somebody still wrote into the file."""


class NotYourDataset(Refusal):
    """The account may not deliver for the department that owns the dataset."""


class FutureData(Refusal):
    """The data is said to be from a day in the future."""


def deliver(
    *,
    delivery_id: str,
    dataset: str,
    content: BinaryIO,
    as_of_on: dt.date | None,
    delivered_by: User | None,
    now: dt.datetime,
    signed: SignedManifest | None = None,
) -> Delivery:
    """
    Land a file of rows, or answer again when it has landed already (`is_repeated`).

    `content` is CSV or NDJSON in UTF-8 or GB18030, an xlsx workbook or Parquet, in a gzip or a zip or not, and can be
    rewound; its bytes tell which, not its name. Rows that are wrong go to quarantine, the
    others land, all in one transaction. `delivered_by` is None for the platform itself. A refused delivery lands
    nothing and is kept as failed. Without `as_of_on` the data is today's. `signed` has to fit all of this; without it
    the delivery lands as unsigned.

    Raises:
        Refusal: the file cannot land; the subclasses say why, and their text says what to do.
    """
    as_of_on = as_of_on or _find_landed_day(delivery_id) or timezone.localdate(now)
    proof = None
    try:
        with transaction.atomic():
            deliverable = _check_permitted(delivery_id, dataset, as_of_on, delivered_by, now)
            proof = find_proof(signed=signed, department=deliverable.department) if signed else None
            return _land(delivery_id, deliverable, content, as_of_on, delivered_by, now, proof)
    except NotYourDataset as refusal:
        # A refused stranger leaves a line in the log, but no row in the department's list.
        log.warning("delivery.not_yours", dataset=dataset, user=delivered_by and delivered_by.pk, refusal=str(refusal))
        raise
    except Refusal as refusal:
        _keep_failed(delivery_id, dataset, content, as_of_on, delivered_by, now, refusal, proof)
        raise


def _find_landed_day(delivery_id: str) -> dt.date | None:
    """
    The day of the delivery of this id that has landed. A sender who names no day and repeats a delivery after midnight
    means that day.
    """
    if not DELIVERY_ID_FORM.fullmatch(delivery_id):
        return None
    landed = Delivery.objects.filter(delivery_id=delivery_id, status=DeliveryStatus.LANDED)
    return landed.values_list("as_of_on", flat=True).first()


def _check_permitted(
    delivery_id: str, dataset: str, as_of_on: dt.date, delivered_by: User | None, now: dt.datetime
) -> Deliverable:
    """The dataset to deliver, after checking that the account may deliver it under this id and day."""
    deliverable = find_deliverable(name=dataset)
    if delivered_by is not None and dataset not in datasets_open_to(user=delivered_by):
        sentence = _("“{dataset}” belongs to another department, so your account cannot deliver it.")
        raise NotYourDataset(format_lazy(sentence, dataset=deliverable.name))
    if not DELIVERY_ID_FORM.fullmatch(delivery_id):
        raise WrongDeliveryId(_("A delivery id has 1 to 64 letters, digits, dots, colons or dashes: tax-2024-03."))
    if as_of_on > timezone.localdate(now):
        sentence = _("The data cannot be as of {day}, which has not come yet.")
        raise FutureData(format_lazy(sentence, day=as_of_on))
    return deliverable


def _land(
    delivery_id: str,
    deliverable: Deliverable,
    content: BinaryIO,
    as_of_on: dt.date,
    delivered_by: User | None,
    now: dt.datetime,
    proof: Proof | None,
) -> Delivery:
    sha256, byte_count = digest(content=content)
    if proof is not None:
        check_proof(proof, deliverable=deliverable, delivery_id=delivery_id, as_of_on=as_of_on, sha256=sha256)
    take_lock(f"delivery {delivery_id}")
    earlier = Delivery.objects.filter(delivery_id=delivery_id, status=DeliveryStatus.LANDED).first()
    if earlier is not None:
        if proof is not None:
            check_row_count(proof, count=earlier.landed_count + earlier.quarantined_count)
        return _repeat_answer(earlier, deliverable, sha256, as_of_on)
    take_lock(f"dataset {deliverable.name}")
    with translate_refusals(_refusals(proof, now)):
        delivery = Delivery.objects.create(
            delivery_id=delivery_id,
            dataset=deliverable.name,
            as_of_on=as_of_on,
            sha256=sha256,
            byte_count=byte_count,
            status=DeliveryStatus.LANDED,
            received_at=now,
            delivered_by=delivered_by,
            **evidence_of(proof),
        )
    _land_rows(delivery, deliverable, content, proof)
    return delivery


def _refusals(proof: Proof | None, now: dt.datetime) -> dict[str, Exception]:
    """Two people may revoke the key while the signature is checked."""
    if proof is None:
        return {}
    return {"delivery_is_signed_with_a_key_in_force": key_revoked(proof.key, on=timezone.localdate(now))}


def _land_rows(delivery: Delivery, deliverable: Deliverable, content: BinaryIO, proof: Proof | None) -> None:
    staged = stage(deliverable=deliverable, content=content)
    _refuse_change(delivery, content)
    delivery.read_as = staged.read_as
    if proof is not None:
        check_row_count(proof, count=count_rows() + len(staged.unread))
    finish_staging()
    if staged.unread:
        quarantine_rows(rows=staged.unread, delivery=delivery)
    quarantine_wrong_rows(deliverable=deliverable, delivery=delivery)
    delivery.changed_count = land(deliverable=deliverable, delivery=delivery)
    delivery.landed_count = count_rows()
    delivery.save(update_fields=["read_as", "changed_count", "landed_count", "quarantined_count"])
    drop_staging()
    for task in settings.WOKEN_BY_DELIVERIES:
        nudge(task)
    log.info(
        "delivery.landed",
        delivery=delivery.delivery_id,
        dataset=delivery.dataset,
        landed=delivery.landed_count,
        changed=delivery.changed_count,
        quarantined=delivery.quarantined_count,
        signed_with=delivery.signed_with_id,
    )


def _refuse_change(delivery: Delivery, content: BinaryIO) -> None:
    if digest(content=content) != (delivery.sha256, delivery.byte_count):
        raise ChangedWhileRead(_("The file changed while it was read; wait until it is written and send it again."))


def _repeat_answer(earlier: Delivery, deliverable: Deliverable, sha256: str, as_of_on: dt.date) -> Delivery:
    if (earlier.sha256, earlier.dataset) != (sha256, deliverable.name):
        sentence = _(
            "Delivery {id} landed on {day} with other content (dataset {dataset}); send the new content under a new id."
        )
        day = timezone.localdate(earlier.received_at)
        raise OtherBytes(format_lazy(sentence, id=earlier.delivery_id, day=day, dataset=earlier.dataset))
    if earlier.as_of_on != as_of_on:
        # If this were answered as a repetition, the data would keep its old day, and policies that read it would be
        # suspended.
        sentence = _("Delivery {id} landed as the data of {day}; send the data of {other} under a new id.")
        raise OtherDay(format_lazy(sentence, id=earlier.delivery_id, day=earlier.as_of_on, other=as_of_on))
    earlier.is_repeated = True
    return earlier


def _keep_failed(
    delivery_id: str,
    dataset: str,
    content: BinaryIO,
    as_of_on: dt.date,
    delivered_by: User | None,
    now: dt.datetime,
    refusal: Refusal,
    proof: Proof | None,
) -> None:
    try:
        sha256, byte_count = digest(content=content)
    except Refusal:
        sha256, byte_count = "", 0
    why = in_both_languages(partial(str, refusal))
    kept = Delivery.objects.create(
        delivery_id=_make_storable(delivery_id)[:64],
        dataset=_make_storable(dataset)[:40],
        as_of_on=as_of_on,
        sha256=sha256,
        byte_count=byte_count,
        status=DeliveryStatus.FAILED,
        refusal=_make_storable(why.zh),
        refusal_en=_make_storable(why.en),
        received_at=now,
        delivered_by=delivered_by,
        **evidence_of(proof),
    )
    log.warning("delivery.refused", delivery=kept.delivery_id, dataset=kept.dataset, refusal=kept.refusal_en)


def _make_storable(text: str) -> str:
    """The text without characters that PostgreSQL refuses; the id and the name come from the sender."""
    return text.encode("utf-8", "replace").decode().replace("\0", "�")
