"""The texts of a version as checked rules: officers save nothing else, and matching compiles nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from unicodedata import east_asian_width

from companies.contracts.registry import kept_by_revision
from companies.datasets.catalogue import FactGroup
from policies.feel.checking.check import check
from policies.feel.checking.expand import refuse_taken_names
from policies.feel.definitions import Definitions
from policies.feel.messages.errors import FeelError, Span
from policies.feel.passes.staleness import reads_stale
from policies.feel.terms import Expression, IsNull, Selection, walk
from policies.feel.types.types import FeelType
from policies.feel.words.mentions import Mention, find_mentions
from policies.models import DecisionTable, Parameter, PolicyVersion, VersionStatus
from policies.rules.storage import clause_text, parameter_text, read_library, stored_table_text
from policies.subjects import catalogue_of, known_subjects
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import Bilingual

# The registration gives the district, so it is part of every decision.
ALWAYS_READ = frozenset({"registration"})
NO_DEFINITIONS = Definitions()
# The numbers by which a refusal names the limit and the third party, where a clause has its own.
_LIMIT = 0
_PAYEE = -1
# The relations that `checked_rules_of` reads, for `prefetch_related`.
TEXTS = ("clauses", "parameters__values", "tables")


@dataclass(frozen=True, slots=True)
class CheckedRules:
    """
    The checked rules of a version: its clauses, its amount, the limit of a portion, and who is paid.

    A `limit` belongs to a proportional pool. `payee` gives the credit code of a third party; while it is unknown the
    verdict stays the same, and nobody is paid.
    """

    subject: str
    clauses: tuple[Expression, ...]
    amount: Expression
    limit: Expression | None = None
    payee: Expression | None = None

    @property
    def verdict_rules(self) -> tuple[Expression, ...]:
        """The rules on which the verdict rests."""
        return (*self.clauses, self.amount, *([self.limit] if self.limit else []))

    @property
    def all_rules(self) -> tuple[Expression, ...]:
        """The rules of the verdict, and the rule that names the payee."""
        return (*self.verdict_rules, *([self.payee] if self.payee else []))

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """The facts and values that the rules mention, each once."""
        found = {mention.text: mention for rule in self.all_rules for mention in find_mentions(rule)}
        return tuple(found.values())

    def needed_mentions(self, *, stale: frozenset[str]) -> tuple[Mention, ...]:
        """The mentions that at least one rule of the verdict needs, each once."""
        found = {mention.text: mention for rule in self.verdict_rules for mention in needed_mentions(rule, stale=stale)}
        return tuple(found.values())

    @property
    def datasets(self) -> frozenset[str]:
        """The datasets whose deliveries may change a decision."""
        mentioned = {mention.dataset for mention in self.mentions if mention.dataset}
        # A filter within another is no mention of its own, but its records change the value too.
        parts = [part for rule in self.all_rules for part in walk(rule.node)]
        sources = [part.source for part in parts if isinstance(part, Selection)]
        filtered = {source.dataset for source in sources if isinstance(source, FactGroup)}
        return ALWAYS_READ | known_subjects()[self.subject].reads | mentioned | filtered


def needed_mentions(rule: Expression, *, stale: frozenset[str] = frozenset()) -> tuple[Mention, ...]:
    """
    The mentions without which a rule has no answer. A rule that tests a fact for null does not need it, unless the
    fact is stale.

    A mention that is unknown only because of a stale dataset is left out: the stale fact is a mention itself.
    """
    tested = [term.operand for term in walk(rule.node) if isinstance(term, IsNull)]
    return tuple(
        each
        for each in find_mentions(rule)
        if each.dataset in stale or not (each.term in tested or reads_stale(each.term, stale))
    )


class RuleRefused(Refusal):
    """
    A clause, the amount, the limit or the payee does not check.

    `number` is the clause's number, from 1, or None for the amount. `sentence` names the rule, the place in its text
    and the reason. `excerpt` is the line of the text with carets below the place.
    """

    def __init__(self, number: int | None, text: str, reason: FeelError) -> None:
        super().__init__(number, text, reason)
        self.number, self.reason = number, reason
        self.sentence = _sentence(number, text, reason)
        self.excerpt = _excerpt(text, reason)

    def __str__(self) -> str:
        return str(self.sentence)


_RULES = {
    None: Bilingual("金额", "Amount"),
    _LIMIT: Bilingual("上限", "Limit"),
    _PAYEE: Bilingual("第三方", "Third party"),
}


def _sentence(number: int | None, text: str, reason: FeelError) -> Bilingual:
    rule = _RULES.get(number) or Bilingual(f"条件 {number}", f"Condition {number}")
    line, column = _place(text, reason.position)
    return Bilingual(
        f"{rule.zh}第 {line} 行第 {column} 个字符：{reason.message_zh}",
        f"{rule.en}, line {line}, character {column}: {reason.message}",
    )


def _place(text: str, position: int) -> tuple[int, int]:
    """Line and column of a position, both from 1."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _excerpt(text: str, reason: FeelError) -> str:
    line, column = _place(text, reason.position)
    written = (text.splitlines() or [""])[line - 1] if line <= len(text.splitlines() or [""]) else ""
    # Chinese characters are two columns wide in a monospaced font, and so is the ideographic space.
    margin = "".join("\u3000" if east_asian_width(sign) in "WF" else " " for sign in written[: column - 1])
    return f"{written}\n{margin}{'^' * max(min(reason.length, len(written) - column + 1), 1)}"


class DefinitionRefused(RuleRefused):
    """A parameter, decision table or named clause is not well formed; `sentence` names it and the reason."""

    def __init__(self, name: str, reason: FeelError) -> None:
        super().__init__(None, "", reason)
        self.sentence = Bilingual(f"“{name}”：{reason.message_zh}", f"“{name}”: {reason.message}")
        self.excerpt = ""


def check_rules(
    *,
    subject: str,
    clauses: Sequence[str],
    amount: str,
    limit: str = "",
    payee: str = "",
    definitions: Definitions = NO_DEFINITIONS,
) -> CheckedRules:
    """
    Check the texts of a version for its subject; they may call the `definitions` by name.

    Raises:
        RuleRefused: the first clause, or the amount, that is no rule over the facts known about the subject.
    """
    rules = tuple(
        check_clause(text, subject=subject, number=number, definitions=definitions)
        for number, text in enumerate(clauses, start=1)
    )
    worth = check_amount(amount, subject=subject, definitions=definitions)
    most = check_limit(limit, subject=subject, definitions=definitions)
    return CheckedRules(subject, rules, worth, most, check_payee(payee, subject=subject, definitions=definitions))


def check_clause(text: str, *, subject: str, number: int = 1, definitions: Definitions = NO_DEFINITIONS) -> Expression:
    """
    Check one clause: its answer is yes or no.

    Raises:
        RuleRefused: it is not a rule over the facts known about the subject.
    """
    return _check_rule(text, subject, FeelType.BOOLEAN, number, definitions)


def check_amount(text: str, *, subject: str, definitions: Definitions = NO_DEFINITIONS) -> Expression:
    """
    Check an amount: its answer is a number of yuan.

    Raises:
        RuleRefused: it is not a rule over the facts known about the subject.
    """
    return _check_rule(text, subject, FeelType.NUMBER, None, definitions)


def check_limit(text: str, *, subject: str, definitions: Definitions = NO_DEFINITIONS) -> Expression | None:
    """
    Check the limit of a portion of a pool: its answer is a number of yuan; None for an empty text.

    Raises:
        RuleRefused: it is not a rule over the facts known about the subject.
    """
    return _check_rule(text, subject, FeelType.NUMBER, _LIMIT, definitions) if text.strip() else None


def check_payee(text: str, *, subject: str, definitions: Definitions = NO_DEFINITIONS) -> Expression | None:
    """
    Check the rule that names a third party: its answer is a credit code; None for an empty text.

    Raises:
        RuleRefused: it is not a rule over the facts known about the subject.
    """
    return _check_rule(text, subject, FeelType.STRING, _PAYEE, definitions) if text.strip() else None


def _check_rule(text: str, subject: str, expects: FeelType, number: int | None, definitions: Definitions) -> Expression:
    try:
        if subject not in known_subjects():
            raise FeelError("retired_subject", Span(0, len(text)), name=subject)
        return check(text, catalogue=catalogue_of(subject), expects=expects, definitions=definitions)
    except FeelError as refused:
        raise RuleRefused(number, text, refused) from refused


def checked_rules_of(version: PolicyVersion) -> CheckedRules:
    """
    The checked rules of a version.

    Raises:
        RuleRefused: a rule does not check any more, as when a draft was saved before a fact was renamed.
    """
    clauses = sorted(version.clauses.all(), key=lambda clause: clause.position)
    texts = tuple(clause.feel for clause in clauses)
    numbers = (version.amount_feel, version.limit_feel)
    return _check_texts(version.subject, texts, numbers, version.payee_feel, definitions_of(version))


@kept_by_revision
def _check_texts(
    subject: str, clauses: tuple[str, ...], numbers: tuple[str, str], payee: str, definitions: Definitions
) -> CheckedRules:
    amount, limit = numbers
    return check_rules(
        subject=subject, clauses=clauses, amount=amount, limit=limit, payee=payee, definitions=definitions
    )


def definitions_of(version: PolicyVersion) -> Definitions:
    """
    The definitions that the rules of a version may call by name: its parameters and tables, and the named clauses.

    A draft takes the named clauses from the library as it reads now; a submitted version keeps its own copy of them.

    Raises:
        DefinitionRefused: a definition is not well formed, or two have the same name.
    """
    parameters = version.parameters.all() if version.pk else ()
    tables = version.tables.all() if version.pk else ()
    clauses = read_library() if version.status == VersionStatus.DRAFT else version.frozen_clauses
    read = (
        tuple(_read_definition(parameter_text, each.name, each) for each in sorted(parameters, key=_by_name)),
        tuple(_read_definition(stored_table_text, each.name, each) for each in sorted(tables, key=_by_name)),
        tuple(_read_definition(clause_text, each["name"], each) for each in clauses),
    )
    # A draft that was never saved may not name its policy yet.
    name = str(version) if version.policy_id else ""
    made = _read_definition(lambda texts: Definitions(*texts), name, read)
    own = Definitions(made.parameters, made.tables)
    _read_definition(lambda texts: refuse_taken_names(texts, catalogue_of(version.subject)), name, own)
    return made


def _by_name(definition: Parameter | DecisionTable) -> str:
    return definition.name


_Row = TypeVar("_Row")
_Text = TypeVar("_Text")


def _read_definition(read: Callable[[_Row], _Text], name: str, row: _Row) -> _Text:
    try:
        return read(row)
    except FeelError as refused:
        raise DefinitionRefused(name, refused) from refused
