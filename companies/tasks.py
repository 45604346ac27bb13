"""What is cleared away beside the work."""

from __future__ import annotations

from celery import shared_task

from qinqing.kernel.database.prepared_lookup import SessionStore


@shared_task
def forget_ended_sessions(**_added_later: object) -> None:
    """Delete the sessions that have ended by themselves; each sign-in leaves one behind."""
    SessionStore.clear_expired()
