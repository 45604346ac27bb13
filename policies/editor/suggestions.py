"""Suggests what an officer may write next: the facts, functions and names that fit at the cursor, best first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from companies.datasets.catalogue import Catalogue, Fact, FactGroup, unit_name
from policies.editor.coverage import NOTHING_KNOWN, Coverage, coverage
from policies.editor.vocabulary import CURSOR, opening_text, path_of
from policies.explain.value_names import choices_of
from policies.feel.definitions import AS_OF, AS_OF_ZH, ClauseText, Definitions
from policies.feel.functions import registry
from policies.feel.syntax.cursor import CursorContext, find_cursor_context
from policies.feel.syntax.naming import Named
from policies.feel.types.types import FACT_TYPES, words
from policies.subjects import catalogue_of
from qinqing.kernel.text import Bilingual

SHOWN = 12
# A function's name has at most so many words ("years and months duration").
_WORDS_OF_A_NAME = 4
_OPERANDS = (
    ("if", Bilingual("如果……则……否则……", "if … then … else …"), f"if {CURSOR} then  else "),
    ("some", Bilingual("至少有一条满足", "at least one record fits"), f"some x in {CURSOR} satisfies "),
    ("every", Bilingual("每一条都满足", "every record fits"), f"every x in {CURSOR} satisfies "),
    ("for", Bilingual("逐条计算", "worked out record by record"), f"for x in {CURSOR} return "),
    ("true", Bilingual("是", "yes"), "true"),
    ("false", Bilingual("否", "no"), "false"),
    ("null", Bilingual("未知", "unknown"), "null"),
)
_OPERATORS = (
    ("and", Bilingual("并且", "and"), "and "),
    ("or", Bilingual("或者", "or"), "or "),
    ("in", Bilingual("属于其中之一", "is one of"), f"in ({CURSOR})"),
    ("between", Bilingual("两数之间（含两端）", "between, both ends included"), f"between {CURSOR} and "),
    ("satisfies", Bilingual("满足", "satisfies"), "satisfies "),
    ("return", Bilingual("返回", "return"), "return "),
    ("then", Bilingual("则", "then"), "then "),
    ("else", Bilingual("否则", "else"), "else "),
)
_NO_NOTE = Bilingual("", "")
_DATASET = Bilingual("数据集", "dataset")
_FUNCTION = Bilingual("函数", "function")
_LOOP_VARIABLE = Bilingual("循环中的一条", "the record of the loop")
_PART = Bilingual("日期、时刻或时长的组成部分", "a part of a date, time or duration")
_DAY = Bilingual("认定事实所依据的日期", "the day whose facts count")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """
    One thing to write from `start` to `end`: `insert`, in which ▮ is where one goes on, shown as `text`.

    `kind` is "fact", "dataset", "function", "name", "value" or "form"; `says` what it is, `note` its type, unit and
    how many subjects have it.
    """

    kind: str
    text: str
    insert: str
    says: Bilingual
    note: Bilingual = _NO_NOTE
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Suggestions:
    """
    The best suggestions. If `is_whole`, the word before the cursor is complete, and no suggestion is selected
    beforehand.
    """

    items: tuple[Suggestion, ...] = ()
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A possible suggestion, and the names by which it is found; among equals a lower `order` comes first."""

    suggestion: Suggestion
    names: tuple[str, ...]
    order: int
    is_operator: bool = False


def suggest(*, text: str, at: int, subject: str, definitions: Definitions, is_asked: bool = False) -> Suggestions:
    """
    Suggest what fits at the position `at` of a text over the facts of a subject.

    If no word is begun, everything fits. Suggestions then appear only if the officer asks for them (`is_asked`), after
    a dot, within the brackets of a filter, or where one of a few values is expected.
    """
    known = catalogue_of(subject)
    place = find_cursor_context(text, at, catalogue=known)
    if place is None:
        return Suggestions()
    is_pointed = place.is_after_dot or place.compared is not None or text[:at].rstrip().endswith("[")
    if not (place.prefix or is_pointed or is_asked):
        return Suggestions()
    words = _Vocabulary(known, definitions, is_chinese=_is_chinese(place.prefix or text))
    ranked = [one for candidate in words.candidates_at(place) if (one := _rank_candidate(candidate, place, text))]
    if not (place.prefix or is_asked):
        ranked = [each for each in ranked if each[1].order == 0]
    ranked.sort(key=lambda each: (each[0], each[1].order))
    items = {each[1].suggestion.insert: each[1].suggestion for each in ranked}
    is_whole = any(item.text == text[item.start : at] for item in items.values())
    return Suggestions(tuple(item for item in items.values() if item.insert != text[item.start : at])[:SHOWN], is_whole)


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def _rank_candidate(candidate: _Candidate, place: CursorContext, text: str) -> tuple[int, _Candidate] | None:
    """
    The rank of a candidate (0 is best) with its place in the text; None if it does not fit the word that is begun.
    """
    longer = _extend_word_backwards(text, place) if candidate.suggestion.kind == "function" else []
    opening_text = longer if place.is_after_value else [*longer, (place.start, place.prefix)]
    if candidate.is_operator:
        opening_text = [(place.start, place.prefix)]
    for start, prefix in opening_text:
        for rank, fits in enumerate(_FITS):
            if any(fits(name.lower(), prefix.lower()) for name in candidate.names):
                placed = replace(candidate.suggestion, start=start, end=place.end)
                return rank - (start < place.start), replace(candidate, suggestion=placed)
    return None


def _has_word(name: str, sought: str) -> bool:
    return any(word.startswith(sought) for word in name.replace("_", " ").replace(".", " ").split())


# From the best fit to the worst: the name itself, its beginning, the beginning of a word in it, any part of it.
_FITS: tuple[Callable[[str, str], bool], ...] = (str.__eq__, str.startswith, _has_word, str.__contains__)
_LAST_WORD = re.compile(r"[^\W\d]\w* +\Z")


def _extend_word_backwards(text: str, place: CursorContext) -> list[tuple[int, str]]:
    """
    The begun word together with one or more words before it, the longest first: “round ha” begins “round half up”.
    """
    starts = [place.start]
    while len(starts) < _WORDS_OF_A_NAME and (word := _LAST_WORD.search(text[: starts[-1]])):
        starts.append(word.start())
    return [(start, text[start : place.start] + place.prefix) for start in reversed(starts[1:])]


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """Everything that a rule over some facts may say, in one language."""

    known: Catalogue
    definitions: Definitions
    is_chinese: bool
    covered: Mapping[str, Coverage] = field(default_factory=coverage)

    def candidates_at(self, place: CursorContext) -> Iterator[_Candidate]:
        """The candidates that make sense at a place, whatever word is begun there."""
        if place.compared:
            yield from _value_candidates(*place.compared)
        if place.is_in_text:
            return
        if place.is_after_dot:
            yield from self._fact_candidates(place.owner, 0) if place.owner else _part_candidates(place.whole)
            return
        if place.is_after_value:
            yield from _form_candidates(_OPERATORS, is_operator=True)
            yield from _function_candidates()
            return
        for depth, group in enumerate(place.filtered):
            yield from self._fact_candidates(group, depth)
        yield from (_Candidate(Suggestion("name", name, name, _LOOP_VARIABLE), (name,), 0) for name in place.locals)
        yield from self._start_candidates()

    def _start_candidates(self) -> Iterator[_Candidate]:
        yield from self._definition_candidates()
        for group in self.known.groups.values():
            yield from self._group_candidates(group)
        yield from _function_candidates()
        yield from _form_candidates(_OPERANDS)

    def _fact_candidates(self, group: FactGroup, order: int) -> Iterator[_Candidate]:
        for fact in group.facts.values():
            name, says = self._name(fact), Bilingual(fact.name_zh, fact.name_en)
            yield _Candidate(
                Suggestion("fact", name, name, says, self._note(group, fact)),
                (fact.name, fact.name_zh, fact.name_en),
                order,
            )

    def _group_candidates(self, group: FactGroup) -> Iterator[_Candidate]:
        name, says = self._name(group), Bilingual(group.name_zh, group.name_en)
        insert = f"{name}[{CURSOR}]" if group.is_list else f"{name}."
        yield _Candidate(
            Suggestion("dataset", name, insert, says, _DATASET), (group.name, group.name_zh, group.name_en), 2
        )
        for fact in group.facts.values():
            path = path_of(group, fact, is_chinese=self.is_chinese)
            yield _Candidate(
                Suggestion(
                    "fact",
                    path,
                    opening_text(group, fact, is_chinese=self.is_chinese),
                    Bilingual(f"{group.name_zh}：{fact.name_zh}", f"{group.name_en}: {fact.name_en}"),
                    self._note(group, fact),
                ),
                (fact.name, fact.name_zh, fact.name_en, path),
                3,
            )

    def _definition_candidates(self) -> Iterator[_Candidate]:
        for each in self.definitions:
            name = self._name(each)
            says = Bilingual(each.name_zh or each.name, each.name)
            if isinstance(each, ClauseText):
                says = Bilingual(each.title_zh, each.title_en)
            elif each.name_en:
                says = Bilingual(each.name_zh or each.name, each.name_en)
            yield _Candidate(Suggestion("name", name, name, says), (each.name, each.name_zh, says.zh, says.en), 1)
        day = AS_OF_ZH if self.is_chinese else AS_OF
        yield _Candidate(Suggestion("name", day, day, _DAY), (AS_OF, AS_OF_ZH), 4)

    def _name(self, named: Named) -> str:
        return (self.is_chinese and named.name_zh) or named.name

    def _note(self, group: FactGroup, fact: Fact) -> Bilingual:
        """The type and the unit of a fact, and the share of subjects that have it."""
        english, chinese = words(FACT_TYPES[fact.type])
        percent = self.covered.get(group.relation, NOTHING_KNOWN).facts.get(fact.name)
        share = "" if percent is None else f" · {percent} %"
        zh, en = (f" ({unit})" if unit else "" for unit in (unit_name(fact.unit).zh, unit_name(fact.unit).en))
        return Bilingual(f"{chinese}{zh}{share}", f"{english.removeprefix('a ')}{en}{share}")


def _value_candidates(group: FactGroup, fact: Fact) -> Iterator[_Candidate]:
    """The codes that a fact may have."""
    for code, name in choices_of(group=group.name, fact=fact.name).items():
        yield _Candidate(Suggestion("value", f'"{code}"', f'"{code}"', Bilingual(name, name)), (code, name), 0)


def _part_candidates(whole: Fact | None) -> Iterator[_Candidate]:
    """The parts that a date, a time or a duration has after its dot."""
    kinds = [FACT_TYPES[whole.type]] if whole else list(registry.PARTS)
    for name in sorted({part.name for kind in kinds for part in registry.PARTS.get(kind, ())}):
        yield _Candidate(Suggestion("fact", name, name, _PART), (name,), 0)


def _form_candidates(forms: Iterable[tuple[str, Bilingual, str]], *, is_operator: bool = False) -> Iterator[_Candidate]:
    for word, says, insert in forms:
        yield _Candidate(Suggestion("form", word, insert, says), (word, says.zh), 6, is_operator)


def _function_candidates() -> Iterator[_Candidate]:
    for name in registry.built_in_names():
        found = registry.find_built_in(name)
        assert found is not None
        usage = found[0].usage if isinstance(found, list) else found.usage
        suggestion = Suggestion("function", name, f"{name}({CURSOR})", Bilingual(usage, usage), _FUNCTION)
        yield _Candidate(suggestion, (name,), 5)
