"""E-mails to objectors: written in the transaction that they are about, sent by a worker."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import structlog
from django.core.mail import send_mail
from django.db import transaction

from payouts.models import Message, Objection
from payouts.models.claims.message import ADDRESS, BODY
from qinqing.kernel.nudges import nudge
from qinqing.kernel.text import Bilingual

MOST_ATTEMPTS = 5

log = structlog.get_logger()


def write_message(*, objection: Objection, subject: Bilingual, body: Bilingual, now: datetime) -> Message:
    """Write an e-mail to the objector in both languages, because nobody knows which one the reader wants."""
    reference = uuid4()
    text = f"{body.zh}\n\n{body.en}\n"
    message = Message.objects.create(
        reference=reference,
        objection=objection,
        address_encrypted=ADDRESS.seal(objection.contact, str(reference)),
        subject=f"{subject.zh} · {subject.en}"[:120],
        body_encrypted=BODY.seal(text, str(reference)),
        written_at=now,
    )
    nudge("payouts.tasks.send_messages")
    return message


def send_messages(*, limit: int, now: datetime) -> int:
    """
    Send the messages that wait, each in a transaction of its own; return the number that were sent.

    A server that refuses one is asked again by the next sweep, five times in all.
    """
    waiting = Message.objects.filter(sent_at=None, attempts__lt=MOST_ATTEMPTS).order_by("pk")
    return sum(_send(number, now) for number in waiting.values_list("pk", flat=True)[:limit])


@transaction.atomic
def _send(number: int, now: datetime) -> bool:
    message = Message.objects.select_for_update(skip_locked=True).filter(pk=number, sent_at=None).first()
    if message is None:
        return False
    message.attempts += 1
    try:
        send_mail(message.subject, message.body, None, [message.address])
        message.sent_at = now
    except OSError as refused:  # Connections, and what smtplib raises.
        log.warning("message.refused", message=message.pk, attempt=message.attempts, error=type(refused).__name__)
    message.save(update_fields=["attempts", "sent_at"])
    return message.sent_at is not None
