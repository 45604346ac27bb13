"""Tasks that clean up."""

from __future__ import annotations

from celery import shared_task

from qinqing.kernel.database.prepared_lookup import SessionStore


@shared_task
def forget_ended_sessions(**_added_later: object) -> None:
    """Delete expired sessions; each sign-in leaves one behind."""
    SessionStore.clear_expired()
