"""Tasks that clean up, watch changed accounts and tell firms of them, pull sources, and look into watched folders."""

from __future__ import annotations

from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from companies.deliveries.watched.watch import watch_once
from companies.firms.tell_members import tell_members
from companies.firms.watch_accounts import watch_account_changes
from companies.sources.pull import pull_next
from qinqing.kernel.database.prepared_lookup import SessionStore

# A source may take half an hour; after some of them the worker takes its next message.
SOURCES_AT_ONCE = 20


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


@shared_task
def pull_sources(**_added_later: object) -> None:
    """Pull the sources that are due."""
    for _source in range(SOURCES_AT_ONCE):
        if not pull_next(clock=now):
            return


@shared_task
def watch_folder(**_added_later: object) -> None:
    """Deliver the files that departments have laid into their folders."""
    watch_once(folder=Path(settings.WATCHED_FOLDER))
