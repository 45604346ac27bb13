"""Expands the names that a rule calls: parameters, named clauses and decision tables become terms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from companies.datasets.catalogue import Catalogue
from policies.feel import terms
from policies.feel.checking import decision_tables
from policies.feel.checking.coercion import fit_argument
from policies.feel.checking.scope import Scope, fact_of
from policies.feel.checking.session import Session, check_value
from policies.feel.definitions import AS_OF, AS_OF_ZH, ClauseText, Definitions, ParameterText, TableText
from policies.feel.functions.periods import START_OF_PERIOD
from policies.feel.messages.errors import FeelError, Span
from policies.feel.syntax import nodes
from policies.feel.syntax.cells import ParsedText, read_text
from policies.feel.syntax.naming import find_named
from policies.feel.syntax.nodes import Node
from policies.feel.syntax.parse import measure_node
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, RecordOf, words

# A rule with all its names written out; each text alone has the limits of `parse`.
LIMIT_NODES_IN_FULL = 8_000
LIMIT_DEPTH_IN_FULL = 100


class Expansion:
    """
    Expands the names that one rule calls, each at most once.

    A definition sees the facts and the other definitions, never the loop or filter that its name stands in.
    """

    def __init__(self, catalogue: Catalogue, definitions: Definitions, written: Node, session: Session) -> None:
        self._session = session
        self._definitions = definitions
        self._expanded: dict[str, Term] = {}
        self._expanding: list[str] = []
        self._sizes: dict[str, int] = {}
        self.count, self._depth = measure_node(written)
        self.scope = Scope(catalogue, defined=self)

    def names(self) -> list[str]:
        """All names, for “did you mean”."""
        return [AS_OF, AS_OF_ZH, *self._definitions.names()]

    def expand_name(self, name: nodes.Name) -> Term | None:
        """
        What a bare name stands for; None when nothing is defined by it.

        Raises:
            FeelError: what it stands for does not check, or is too large.
        """
        if name.text in (AS_OF, AS_OF_ZH):
            return terms.AsOf(FeelType.DATE)
        found = self._definitions.find(name.text)
        if found is None:
            return None
        if isinstance(found, ParameterText):
            return self._expand_parameter(found, terms.AsOf(FeelType.DATE), name.span)
        if found.name in self._expanded:
            # Each mention is compiled, so each counts.
            self._count_parts(self._sizes[found.name], name.span)
            return self._expanded[found.name]
        before = self.count
        with self._enter(found, name.span):
            self._expanded[found.name] = self._expand(found)
        self._sizes[found.name] = self.count - before
        return self._expanded[found.name]

    def expand_call(self, node: nodes.Invocation, scope: Scope) -> Term | None:
        """
        What a name with arguments stands for; None when nothing is defined by it.

        Raises:
            FeelError: it takes no such arguments, or does not check.
        """
        found = self._definitions.find(node.function.text)
        if found is None or find_named(self.scope.catalogue.groups, node.function.text):
            return None
        if isinstance(found, ClauseText):
            raise FeelError("clause_with_arguments", node.span, name=node.function.text)
        given = [check_value(argument.value, scope, self._session) for argument in node.arguments]
        if isinstance(found, ParameterText):
            return self._expand_parameter(found, self._read_day(node, given), node.span)
        if len(given) != len(found.inputs) or any(argument.parameter for argument in node.arguments):
            raise FeelError(
                "table_arguments", node.span, name=node.function.text, count=len(given), wanted=len(found.inputs)
            )
        with self._enter(found, node.span):
            return decision_tables.expand_table(found, self, self._session, given=given)

    def add(self, read: ParsedText) -> None:
        """
        Count a text of the definition that is being written out.

        Raises:
            FeelError: with it the rule becomes too large.
        """
        self._count_parts(read.parts, read.node.span)
        if self._depth + read.depth > LIMIT_DEPTH_IN_FULL:
            raise FeelError("too_deep_in_full", read.node.span, limit=LIMIT_DEPTH_IN_FULL)

    def text(self, text: str, scope: Scope) -> Term:
        """
        A text of a definition, checked.

        Raises:
            FeelError: it does not check, or makes the rule too large.
        """
        read = read_text(text)
        self.add(read)
        self._depth += read.depth
        term = check_value(read.node, scope, self._session)
        self._depth -= read.depth
        return term

    def _expand(self, found: TableText | ClauseText) -> Term:
        if isinstance(found, TableText):
            return decision_tables.expand_table(found, self, self._session)
        body = self.text(found.feel, self.scope)
        fitted = fit_argument(body, FeelType.BOOLEAN)
        if fitted is None:
            raise _refuse_condition(read_text(found.feel).node, body)
        return terms.NamedClause(FeelType.BOOLEAN, found, fitted)

    def _expand_parameter(self, found: ParameterText, on: Term, span: Span) -> Term:
        district: Term | None = None
        if found.differs_by_district:
            company = self.scope.catalogue.groups.get("company")
            fact = company.facts.get("district") if company else None
            if not company or not fact:
                raise FeelError("parameter_without_district", span, name=found.name)
            district = fact_of(terms.Record(RecordOf(company), None), fact)
        return terms.ParameterOn(FeelType.NUMBER, found, on, district)

    def _read_day(self, node: nodes.Invocation, given: list[Term]) -> Term:
        """The argument of a parameter as a day; a period such as “2023-02” is its first day."""
        if len(given) == 1 and node.arguments[0].parameter is None:
            day = fit_argument(given[0], FeelType.DATE)
            if day is not None:
                return day
            for function in START_OF_PERIOD:
                period = fit_argument(given[0], function.parameters[0][1])
                if period is not None:
                    return terms.Call(FeelType.DATE, function, (period,))
        raise FeelError("parameter_arguments", node.span, name=node.function.text)

    def _count_parts(self, parts: int, span: Span) -> None:
        self.count += parts
        if self.count > LIMIT_NODES_IN_FULL:
            raise FeelError("too_large_in_full", span, count=self.count, limit=LIMIT_NODES_IN_FULL)

    @contextmanager
    def _enter(self, found: TableText | ClauseText, span: Span) -> Iterator[None]:
        if found.name in self._expanding:
            cycle = [*self._expanding[self._expanding.index(found.name) :], found.name]
            raise FeelError("definition_cycle", span, cycle=" → ".join(cycle))
        self._expanding.append(found.name)
        try:
            yield
        except FeelError as refused:
            if refused.code in ("definition_cycle", "too_large_in_full", "too_deep_in_full"):
                raise FeelError(refused.code, span, **refused.params) from refused
            reasons = {"reason": refused.message, "reason_zh": refused.message_zh}
            name_zh = found.name_zh or found.name
            raise FeelError("definition_refused", span, name=found.name, name_zh=name_zh, **reasons) from refused
        finally:
            self._expanding.pop()


def refuse_taken_names(definitions: Definitions, catalogue: Catalogue) -> None:
    """
    Refuse names that departments' records have already.

    Raises:
        FeelError: a definition has the name of a group of facts; a rule would find the facts.
    """
    for name in definitions.names():
        if find_named(catalogue.groups, name):
            raise FeelError("name_taken", Span(0, 0), name=name)


def _refuse_condition(node: Node, found: Term) -> FeelError:
    """The refusal of a named clause that is no condition."""
    english, chinese = words(found.type)
    return FeelError("wrong_result", node.span, found=english, found_zh=chinese, wanted="yes or no", wanted_zh="是非值")
