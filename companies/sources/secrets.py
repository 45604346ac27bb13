"""Seals and opens what opens the place of a source; nobody ever sees it again."""

from __future__ import annotations

import datetime as dt

from companies.models import DataSource, SourceSecret, User
from companies.models.sources.secret import SECRET


def seal_secret(*, source: DataSource, text: str, actor: User, now: dt.datetime) -> SourceSecret:
    """Seal a secret for a source; it is used once a colleague has confirmed the proposal that names it."""
    secret = SourceSecret(source_key=source.key, entered_at=now, entered_by=actor)
    secret.value = SECRET.seal(text, secret.identity)
    secret.save(force_insert=True)
    return secret


def open_secret(secret: SourceSecret | None) -> str:
    """
    The secret in clear, empty where the source has none; for the one who connects, and for nobody's eyes.

    Raises:
        cryptography.exceptions.InvalidTag: no key opens it, or it belongs to another source.
    """
    return SECRET.open(secret.value, secret.identity) if secret else ""


def forget_unused_secrets(*, source: DataSource) -> None:
    """Delete the secrets of a source that it does not use; no proposal that waits may name one."""
    SourceSecret.objects.filter(source_key=source.key, sources=None).delete()
