"""Objections: as the public form sends them, and such that stop money."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend

from payouts.models import Message, Objection
from payouts.publicity import publicise
from payouts.publicity.triage import confirm_contact, take_up
from tests.factories.people import make_officer

ADDRESS = "wang@example.com"


class Away(BaseEmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        """Refuse the connection."""
        raise ConnectionRefusedError


def read_code(objection: Objection) -> str:
    """The code in the e-mail to the objector."""
    [code] = set(re.findall(r"\b[0-9]{6}\b", Message.objects.get(objection=objection).body))
    return code


def confirm(objection: Objection, *, now: datetime) -> Objection:
    """The objector enters the code."""
    return confirm_contact(reference=objection.reference, code=read_code(objection), now=now)


def object_to(*, now: datetime, contact: str = ADDRESS, **said: Any) -> Objection:
    """An objection that somebody sent and confirmed and that an officer took up, so that the payout waits."""
    objection = publicise.object_to(contact=contact, now=now, **said)
    if objection.triage:
        return objection
    confirm(objection, now=now)
    return take_up(objection_id=objection.pk, actor=make_officer("triage"), now=now)
