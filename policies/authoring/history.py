"""The recorded moves of a version, with the platform's own reasons in the reader's language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from policies.models import PolicyVersion, VersionMove, VersionStatus
from qinqing.kernel.text import Bilingual, in_both_languages

# A version by its name, as `PolicyVersion` says it.
_VERSION = r".+ v\d+"


@dataclass(frozen=True, slots=True)
class RecordedMove:
    """One move: when, the statuses before and after, by whom ("" for the platform) and why."""

    at: dt.datetime
    before: str
    after: str
    by: str
    reason: str


def recorded_moves(*, version: PolicyVersion) -> tuple[RecordedMove, ...]:
    """All moves of a version, the newest first."""
    pauses = {pause.suspended_at: pause.why for pause in version.suspensions.all()}
    moves = version.moves.select_related("moved_by").order_by("-sequence")
    return tuple(
        RecordedMove(
            move.moved_at,
            str(move.get_before_display()),
            str(move.get_after_display()),
            (move.moved_by.get_full_name() or move.moved_by.username) if move.moved_by else "",
            _reason(move, pauses),
        )
        for move in moves
    )


def _reason(move: VersionMove, pauses: Mapping[dt.datetime, Bilingual]) -> str:
    """The reason: an officer's as it was written, the platform's in the reader's language."""
    if move.after == VersionStatus.SUSPENDED:
        return str(pauses.get(move.moved_at, move.moved_because))
    return in_readers_language(move.moved_because)


def in_readers_language(because: str) -> str:
    """
    Translate a reason that the platform stored in the language of that moment; an officer's reason stays as it is.
    """
    day_has_come = in_both_languages(lambda: _("its day has come"))
    if because in (day_has_come.zh, day_has_come.en):
        return str(day_has_come)
    replaced = in_both_languages(lambda: _("replaced by %(version)s"))
    for sentence in (replaced.zh, replaced.en):
        before, after = map(re.escape, sentence.split("%(version)s"))
        if found := re.fullmatch(f"{before}({_VERSION}){after}", because):
            return str(replaced) % {"version": found[1]}
    return because
