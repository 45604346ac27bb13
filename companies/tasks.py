"""Tasks that clean up, watch changed accounts and tell firms of them."""

from __future__ import annotations

from celery import shared_task
from django.utils.timezone import now

from companies.firms.tell_members import tell_members
from companies.firms.watch_accounts import watch_account_changes
from qinqing.kernel.database.prepared_lookup import SessionStore


@shared_task
def forget_ended_sessions(**_added_later: object) -> None:
    """Delete expired sessions; each sign-in leaves one behind."""
    SessionStore.clear_expired()


@shared_task
def watch_accounts(**_added_later: object) -> None:
    """Stop changed accounts after a burst of changes, or if one number is several payees'."""
    watch_account_changes(now=now())


@shared_task
def tell_of_accounts(**_added_later: object) -> None:
    """Tell the members of firms of accounts that wait."""
    tell_members(limit=100, now=now())
