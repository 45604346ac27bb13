"""Compares two versions of a policy for a reviewer, part by part and word by word."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from policies.explain.rule_words import in_words
from policies.explain.table_words import table_words
from policies.explain.value_names import choices_of
from policies.feel.definitions import Definitions
from policies.models import Example, ExpectedVerdict, HitPolicy, Parameter, PolicyVersion, ReminderMoment
from policies.rules.rules import RuleRefused, check_amount, check_clause, check_payee, definitions_of
from policies.rules.storage import library_used
from policies.subjects import catalogue_of
from policies.trial.fact_table import rows_from_facts
from qinqing.kernel.money import yuan
from qinqing.kernel.text import Bilingual

_FIELDS = (
    "subject",
    "payee",
    "period_label",
    "as_of_on",
    "minimum_cny",
    "cap_cny",
    "granted_cny",
    "pool",
    "track",
    "publicise_days",
    "counts_working_days",
    "list_is_public",
    "reminders",
    "effective_on",
    "opens_on",
    "closes_on",
    "commitment_zh",
    "commitment_en",
)
NOTHING = "–"
_TOKENS = re.compile(r"\w+|\s+|.", re.DOTALL)


class Piece(NamedTuple):
    """A stretch of text; `kind` is "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """
    A clause, field or other item that differs between the versions, or that only one of them has.

    `pieces` are the old and the new text woven together. `words_before` and `words_after` are the rule in plain words,
    empty where the item is no rule.
    """

    kind: str
    title: str
    pieces: tuple[Piece, ...]
    words_before: str = ""
    words_after: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """
    The changed items of one kind, and how many items are the same.

    `is_short` says that each item is a word or two, so that a page shows them as a table.
    """

    title: str
    changes: tuple[Change, ...]
    same_count: int
    is_short: bool = False


class _Item(NamedTuple):
    """An item of a version: the key by which it is paired, its title, its text, and its text in plain words."""

    key: str
    title: str
    text: str
    words: str = ""


def compare_versions(*, before: PolicyVersion | None, after: PolicyVersion) -> tuple[Section, ...]:
    """
    The changes from `before` to `after` by section; a section may have none. Without `before` everything is new.
    """
    sections: tuple[tuple[str, Callable[[PolicyVersion], Iterable[_Item]]], ...] = (
        (_("Conditions"), _clauses),
        (_("Amount"), _amounts),
        (_("Parameters"), _parameters),
        (_("Decision tables"), _tables),
        (_("Named clauses"), _library),
        (_("Settings"), _settings),
        (_("Examples"), _examples),
    )
    return tuple(
        _compare_items(title, list(said(before)) if before else [], list(said(after)), is_short=said is _settings)
        for title, said in sections
    )


def _compare_items(title: str, before: list[_Item], after: list[_Item], *, is_short: bool) -> Section:
    pairs = _pair_items(before, after)
    changed = tuple(_compare_pair(old, new) for old, new in pairs if old is None or new is None or _differs(old, new))
    # A field that a first version leaves empty is no change worth reading.
    shown = tuple(change for change in changed if change.pieces != (Piece("new", NOTHING),))
    return Section(title, shown, len(pairs) - len(changed), is_short)


def _differs(old: _Item, new: _Item) -> bool:
    return (old.title, old.text) != (new.title, new.text)


def _pair_items(before: list[_Item], after: list[_Item]) -> list[tuple[_Item | None, _Item | None]]:
    """
    Pair the items of two versions: equal items first, then items with the same key, then items with the same text. An
    item without a partner was added or removed.
    """
    left = list(before)
    matched: dict[int, _Item] = {}
    for alike in (_is_same, _has_same_key, _has_same_text):
        for place, new in enumerate(after):
            found = None if place in matched else next((old for old in left if alike(old, new)), None)
            if found is not None:
                matched[place] = found
                left.remove(found)
    return [*((matched.get(place), new) for place, new in enumerate(after)), *((old, None) for old in left)]


def _is_same(old: _Item, new: _Item) -> bool:
    return old == new


def _has_same_key(old: _Item, new: _Item) -> bool:
    return old.key == new.key


def _has_same_text(old: _Item, new: _Item) -> bool:
    return old.text == new.text


def _compare_pair(old: _Item | None, new: _Item | None) -> Change:
    said = new or old
    assert said is not None
    title = said.title
    if old and new and old.title != new.title:
        title = _("%(new)s (was: %(old)s)") % {"new": new.title, "old": old.title}
    kind = "changed" if old and new else "new" if new else "gone"
    return Change(
        kind,
        title,
        weave_texts(old.text if old else "", new.text if new else ""),
        old.words if old else "",
        new.words if new else "",
    )


def weave_texts(before: str, after: str) -> tuple[Piece, ...]:
    """Weave two texts into one, in which each word is the same, gone or new."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    pieces: list[Piece] = []
    for _tag, a1, a2, b1, b2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[a1:a2]), "".join(new[b1:b2])
        if gone == come:
            pieces.append(Piece("same", gone))
            continue
        pieces += [Piece(kind, text) for kind, text in (("gone", gone), ("new", come)) if text]
    return tuple(pieces)


def _clauses(version: PolicyVersion) -> Iterable[_Item]:
    in_words = _words_of_rules(version)
    for clause in version.clauses.order_by("position"):
        yield _Item(clause.title_zh, str(clause.title), clause.feel, in_words(clause.feel, check_clause))


def _amounts(version: PolicyVersion) -> Iterable[_Item]:
    in_words = _words_of_rules(version)
    yield _Item("amount", _("Amount"), version.amount_feel, in_words(version.amount_feel, check_amount))
    if version.limit_feel:
        words = in_words(version.limit_feel, check_amount)
        yield _Item("limit", _("A portion is at most"), version.limit_feel, words)
    if version.payee_feel:
        words = in_words(version.payee_feel, check_payee)
        yield _Item("payee", _("The third party that is paid"), version.payee_feel, words)


def _words_of_rules(version: PolicyVersion) -> Callable[[str, Callable[..., Any]], str]:
    """A function that puts rules of the version into plain words; the version's definitions are read only once."""
    definitions = _definitions(version)
    if definitions is None:
        return lambda _text, _check: ""

    def said(text: str, check: Callable[..., Any]) -> str:
        try:
            rule = check(text, subject=version.subject, definitions=definitions)
        except RuleRefused:
            # A rule of an old version may mention a fact that has been renamed since.
            return ""
        return str(in_words(rule))

    return said


def _definitions(version: PolicyVersion) -> Definitions | None:
    try:
        return definitions_of(version)
    except RuleRefused:
        return None


def _parameters(version: PolicyVersion) -> Iterable[_Item]:
    places = choices_of(group="company", fact="district")
    for parameter in version.parameters.order_by("name"):
        yield _Item(parameter.name, _name_of_part(parameter), _values(parameter, places))


def _values(parameter: Parameter, places: Mapping[str, str]) -> str:
    rows = parameter.values.order_by("district", "valid_from", "pk")
    lines = [
        "\t".join(
            (
                places.get(row.district, row.district) or _("everywhere"),
                date_format(row.valid_from) if row.valid_from else _("always"),
                f"{number_format(row.value.normalize(), force_grouping=True)} {parameter.unit}".strip(),
            )
        )
        for row in rows
    ]
    return "\n".join(lines)


def _name_of_part(part: Any) -> str:
    return f"{part.name} ({Bilingual(part.name_zh, part.name_en)})"


def _tables(version: PolicyVersion) -> Iterable[_Item]:
    known = _definitions(version)
    for table in version.tables.order_by("name"):
        heads = "\t".join((*(column["feel"] for column in table.inputs), "→"))
        rows = ["\t".join((*row["cells"], row["output"])) for row in table.rows]
        title = f"{_name_of_part(table)} · {HitPolicy(table.hit_policy).label}"
        words = table_words(table=table, subject=version.subject, definitions=known)
        yield _Item(table.name, title, "\n".join((heads, *rows)), words)


def _library(version: PolicyVersion) -> Iterable[_Item]:
    in_words = _words_of_rules(version)
    for clause in library_used(version=version):
        title = str(Bilingual(clause["title_zh"], clause["title_en"]))
        yield _Item(clause["name"], title, clause["feel"], in_words(clause["feel"], check_clause))


def _settings(version: PolicyVersion) -> Iterable[_Item]:
    for name in _FIELDS:
        field = version._meta.get_field(name)
        shown = getattr(version, f"get_{name}_display", None)
        value = str(shown()) if shown else _value_as_text(getattr(version, name))
        yield _Item(name, str(getattr(field, "verbose_name", name)), value)


def _value_as_text(value: object) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _("; ").join(str(ReminderMoment(each).label) for each in value) or NOTHING
    if isinstance(value, dt.date):
        return date_format(value)
    return yuan(value) if isinstance(value, Decimal) else str(value)


def _examples(version: PolicyVersion) -> Iterable[_Item]:
    for example in version.examples.order_by("position"):
        yield _Item(example.title, example.title, _example(example, version.subject))


def _example(example: Example, subject: str) -> str:
    expected = str(ExpectedVerdict(example.expected_verdict).label)
    amount = f" {_value_as_text(example.expected_cny)}" if example.expected_cny is not None else ""
    told = rows_from_facts(facts=example.facts, catalogue=catalogue_of(subject))
    rows = ["\t".join(cell for cell in row if cell) for row in told]
    return "\n".join((f"{expected}{amount}", *rows))
