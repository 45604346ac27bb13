"""Finds what a rule that checks may not mean: a filter that leaves records out, or a list used as its only value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from companies.datasets.catalogue import Fact, FactGroup, FactType
from policies.feel import terms
from policies.feel.passes.keys import picks_one_record
from policies.feel.terms import Expression
from policies.feel.types.types import RecordsOf
from qinqing.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class FilterCaution:
    """A fact that a filter over a group's records looks at, and that may be missing."""

    filtered: FactGroup
    group: FactGroup
    fact: Fact

    @property
    def sentence(self) -> Bilingual:
        """What happens to such a record, and how to say what should."""
        if self.group != self.filtered:
            return self._about_another_record()
        zh, en = self.fact.name_zh, self.fact.name
        return Bilingual(
            f"“{self.filtered.name_zh}”中“{zh}”未知的记录会被筛掉，视同不满足。如果未知时不应判定，请加上"
            f" count({self.filtered.name_zh}[{zh} = null]) = 0；如果确应筛掉，请在筛选中写明 {zh} != null and …。",
            f"A record of “{self.filtered.name}” whose “{en}” is missing is left out by this filter, as if it did not "
            f"fit. If nothing should be decided then, add count({self.filtered.name}[{en} = null]) = 0; if it should "
            f"be left out, say so in the filter: {en} != null and ….",
        )

    def _about_another_record(self) -> Bilingual:
        path_zh, path = f"{self.group.name_zh}.{self.fact.name_zh}", f"{self.group.name}.{self.fact.name}"
        return Bilingual(
            f"“{path_zh}”未知时，“{self.filtered.name_zh}”的所有记录都会被筛掉，视同不满足。如果未知时不应判定，请加上"
            f" {path_zh} in (…) 之类的条件；如果确应如此，请写明 {path_zh} != null。",
            f"When “{path}” is missing, this filter leaves out every record of “{self.filtered.name}”, as if none "
            f"fitted. If nothing should be decided then, test “{path}” outside of the filter; if it should be so, "
            f"say {path} != null.",
        )


@dataclass(frozen=True, slots=True)
class ListCaution:
    """A fact of a group's records that stands where one value is wanted, though there may be several."""

    group: FactGroup
    fact: Fact

    @property
    def sentence(self) -> Bilingual:
        """When the rule has no answer, and how to pick a value."""
        path_zh, path = f"{self.group.name_zh}.{self.fact.name_zh}", f"{self.group.name}.{self.fact.name}"
        return Bilingual(
            f"“{path_zh}”是一个列表，这里需要一个值：记录不是恰好一条时，这条规则没有结果。请用筛选选出一条记录，"
            f"或写明取法，例如 {self._summary(path_zh)}。",
            f"“{path}” is a list, and one value is wanted here: unless there is exactly one record, this rule has no "
            f"answer. Pick a record by a filter, or say which value you mean, such as {self._summary(path)}.",
        )

    def _summary(self, path: str) -> str:
        function = {FactType.NUMBER: "sum", FactType.BOOLEAN: "any"}.get(self.fact.type, "max")
        return f"{function}({path})"


Caution = FilterCaution | ListCaution


def find_cautions(expression: Expression) -> tuple[Caution, ...]:
    """The facts that a filter passes over while they are missing, and the lists used as one value, each once."""
    return (*_filter_cautions(expression), *_list_cautions(expression))


def _filter_cautions(expression: Expression) -> Iterable[FilterCaution]:
    """
    The facts that may be missing and whose absence a filter would pass over in silence, each once.

    A rule that tests such a fact for null has said what it wants. `some … satisfies` and `every … satisfies` stay
    unknown by themselves, and so does a sum over a missing value; where one record is picked, none is unknown too.
    """
    parts = list(terms.walk(expression.node))
    picked = {_id_of_selection(part.source) for part in parts if isinstance(part, terms.Single)}
    tested = {_name_of_fact(part.operand) for part in parts if isinstance(part, terms.IsNull)}
    filters = [part for part in parts if isinstance(part, terms.Selection) and id(part) not in picked]
    found = [caution for part in filters for caution in _facts_passed_over(part)]
    untested = [each for each in found if (each.group.name, each.fact.name) not in tested]
    return {(each.filtered.name, each.group.name, each.fact.name): each for each in untested}.values()


def _list_cautions(expression: Expression) -> Iterable[ListCaution]:
    """
    The facts of records that stand for one value although the filter may keep several records, each once.

    Without a key nobody knows how many records a filter keeps, so a filter is taken for one that picks a record.
    """
    found: dict[tuple[str, str], ListCaution] = {}
    for part in terms.walk(expression.node):
        source = part.source if isinstance(part, terms.Single) else None
        if isinstance(source, terms.Projection) and isinstance(source.body, terms.FactOf):
            selection, fact = source.selection, source.body.fact
            group = selection.source
            is_own = source.body.record.scope == selection.scope
            if is_own and isinstance(group, FactGroup) and not _picks_one(selection, group):
                found.setdefault((group.name, fact.name), ListCaution(group, fact))
    return found.values()


def _picks_one(selection: terms.Selection, group: FactGroup) -> bool:
    if not group.key:
        return bool(selection.conditions)
    return picks_one_record(group, selection.conditions, selection.scope)


def _id_of_selection(source: terms.Term) -> int:
    return id(source.selection if isinstance(source, terms.Projection) else source)


def _name_of_fact(term: terms.Term) -> tuple[str, str]:
    return (term.record.group.name, term.fact.name) if isinstance(term, terms.FactOf) else ("", "")


def _facts_passed_over(selection: terms.Selection) -> Iterator[FilterCaution]:
    start = terms.innermost(selection)
    if not isinstance(start.type, RecordsOf):
        return
    for condition in selection.conditions:
        for part in terms.walk(condition):
            if isinstance(part, terms.FactOf) and not part.fact.is_required:
                yield FilterCaution(start.type.group, part.record.group, part.fact)
