"""The kind of proposals about sources."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from companies.models import DataSource, SourceKind
from companies.models.sources.source import AsOf, BookmarkFrom
from companies.sources.propose import KIND, name_taken
from companies.sources.secrets import forget_unused_secrets
from qinqing.kernel.nudges import nudge
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal

_STATES: Final = {"new": _("not confirmed yet"), "runs": _("runs"), "paused": _("paused")}


def _word(words: dict[str, Any], value: str) -> str:
    return str(words.get(value, value))


def _list_consequences(proposal: Proposal) -> list[str]:
    if "address" not in (proposal.after or {}):
        return [str(_("The platform fetches rows from there again, at once and then on the schedule of the source."))]
    return [
        str(_("The platform fetches rows from this address on its own, and what comes lands as a delivery of yours.")),
        str(_("Compare the address and whom it trusts with a paper of the department, not with this page.")),
    ]


def _follow_up(proposal: Proposal, _now: dt.datetime) -> None:
    forget_unused_secrets(source=DataSource.objects.get(pk=proposal.subject_id))
    nudge("companies.tasks.pull_sources")


DATA_SOURCE: Final = Kind(
    name=KIND,
    title=_("source of a dataset"),
    reads="companies.view_datasource",
    decides="companies.add_datasource",
    terms=(
        Term("dataset", _("dataset")),
        Term("name", _("name")),
        Term("kind", _("how it is reached"), lambda value: _word(dict(SourceKind.choices), value)),
        Term("address", _("address")),
        Term("username", _("account name")),
        Term("secret_id", _("secret"), lambda number: str(_("entered, sealed as #{number}")).format(number=number)),
        Term("trusted", _("whom it trusts")),
        Term("file_pattern", _("pattern of file names")),
        Term("query", _("query")),
        Term("begins_at", _("first value of the bookmark")),
        Term("bookmark_from", _("bookmark"), lambda value: _word(dict(BookmarkFrom.choices), value)),
        Term("bookmark_name", _("name of that header or column")),
        Term("as_of_from", _("day of the data"), lambda value: _word(dict(AsOf.choices), value)),
        Term("as_of_name", _("name of that header or column")),
        Term("every_minutes", _("minutes between pulls")),
        Term("largest_mib", _("largest size in MiB")),
        Term("state", _("state"), lambda value: _word(_STATES, value)),
    ),
    url_name="admin:companies_datasource_change",
    consequences=_list_consequences,
    refusals=lambda: {"data_source_once_per_name": name_taken()},
    follow_up=_follow_up,
)
