"""Tokens for the machines of departments."""

from __future__ import annotations

import datetime as dt

import structlog
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from companies.models import ApiToken, User

log = structlog.get_logger(__name__)


def hand_out_token(*, token: ApiToken, days: int, actor: User, now: dt.datetime) -> None:
    """Create the token for its account and store its hash; `token.key` is shown once and never stored."""
    token.digest, token.key = get_digest_token()  # type: ignore[no-untyped-call]
    token.token_key = token.key[: CONSTANTS.TOKEN_KEY_LENGTH]
    token.expiry = now + dt.timedelta(days=days)
    token.save(force_insert=True)
    log.info("api_token.handed_out", token=token.shown, user=token.user_id, days=days, actor=actor.pk)
