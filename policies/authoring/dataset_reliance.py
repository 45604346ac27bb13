"""What relies on a dataset: the versions whose rules read it, their example cases, and the clauses of the library."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _
from psycopg.sql import SQL

from companies.contracts.change import Reliance
from companies.contracts.contract import Contract
from policies.models import Clause, DecisionTable, Example, NamedClause, ParameterValue, PolicyVersion
from policies.states import VersionStatus
from policies.subjects import known_subjects

# Nobody writes in these, and nobody is entitled by them any more; what they paid stands in their evidence.
_OVER = (VersionStatus.CLOSED,)
# The columns of a version itself in which rules stand.
_RULES = ("subject", "amount_feel", "limit_feel", "payee_feel", "frozen_clauses")


def list_reliances(contract: Contract, columns: Collection[str]) -> Iterator[Reliance]:
    """
    The versions, example cases and library clauses that mention a dataset, or one of these columns of it.

    A text mentions a thing if its name stands there, in either language; so a few too many are named, and none too few.
    """
    words = _Words(contract, columns)
    versions = PolicyVersion.objects.exclude(status__in=_OVER).select_related("policy").order_by("policy__code", "pk")
    written = _read_parts()
    for version in versions:
        rules = [getattr(version, name) for name in _RULES]
        if words.stand_in([rules, written[version.pk], _list_rows(version)]):
            yield Reliance(str(version), version.status != VersionStatus.DRAFT)
    for example in Example.objects.filter(version__in=versions).select_related("version__policy").order_by("pk"):
        if words.stand_in(example.facts):
            names = {"version": example.version, "title": example.title}
            yield Reliance(_("%(version)s, case “%(title)s”") % names)
    for clause in NamedClause.objects.order_by("name"):
        if words.stand_in(clause.feel):
            yield Reliance(_("clause “%(name)s” of the library") % {"name": clause.name})


def _read_parts() -> Mapping[int, list[object]]:
    """What officers wrote in the parts of all versions, by the ids of the versions; one query for each kind of part."""
    parts: tuple[Iterable[tuple[Any, ...]], ...] = (
        Clause.objects.values_list("version_id", "feel"),
        ParameterValue.objects.values_list("parameter__version_id", "value"),
        DecisionTable.objects.values_list("version_id", "inputs", "rows"),
    )
    found: dict[int, list[object]] = defaultdict(list)
    for version_id, *texts in chain.from_iterable(parts):
        found[version_id] += texts
    return found


def _list_rows(version: PolicyVersion) -> list[str]:
    """The datasets, and the SQL, that say which rows the version pays for."""
    rows = known_subjects().get(version.subject)
    if rows is None:
        return []
    columns = [rows.key, rows.period or SQL(""), SQL(rows.starts)]
    return [*rows.reads, *(column.as_string(None) for column in columns)]


class _Words:
    """The words by which rules call a dataset and its columns."""

    def __init__(self, contract: Contract, columns: Collection[str]) -> None:
        spouse = (f"spouse_{contract.name}", f"配偶{contract.word.zh}")
        item = (contract.item, f"本条{contract.word.zh}") if contract.item else ()
        self._dataset = _pattern([contract.name, contract.word.zh, *spouse, *item])
        known = [contract.by_name[name].word.zh for name in columns if name in contract.by_name]
        self._columns = _pattern([*columns, *known]) if columns else None

    def stand_in(self, written: object) -> bool:
        """Whether they stand in something that an officer wrote."""
        text = json.dumps(written, cls=DjangoJSONEncoder, ensure_ascii=False)
        return bool(self._dataset.search(text)) and (self._columns is None or bool(self._columns.search(text)))


def _pattern(words: Collection[str]) -> re.Pattern[str]:
    # Chinese words stand beside each other without a space, so only Latin letters end a name.
    alternatives = "|".join(re.escape(word) for word in words)
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{alternatives})(?![A-Za-z0-9_])")
