"""Checking `matches`, `replace` and `split`: their patterns are written texts, read when the rule is saved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policies.feel import nodes, terms
from policies.feel.errors import FeelError
from policies.feel.fit import fit_argument
from policies.feel.functions.searches import MATCHES, REPLACE, SPLIT
from policies.feel.kinds import FeelType
from policies.feel.lists import Arguments, in_order
from policies.feel.patterns import BadPattern, Pattern, translated
from policies.feel.terms import Term

if TYPE_CHECKING:
    from policies.feel.check import Checker

STRING = FeelType.STRING
REFERENCE = re.compile(r"\\([\\$])|\$([0-9])|([^\\$]+)|(.)", re.DOTALL)


def matches(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`matches(input, pattern)`, with flags or without."""
    found = _arguments(("input", "pattern"), given)
    text = fit_argument(found[0], STRING) if found else None
    if found is None or text is None:
        return None
    pattern, flags, read = _pattern(checker, node, found[1], found[2])
    term = terms.Pattern(STRING, pattern, flags, read.text, read.text)
    return terms.Call(FeelType.BOOLEAN, MATCHES, (text, term))


def replace(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`replace(input, pattern, replacement)`, with flags or without."""
    found = _arguments(("input", "pattern", "replacement"), given)
    text = fit_argument(found[0], STRING) if found else None
    if found is None or text is None:
        return None
    pattern, flags, read = _pattern(checker, node, found[1], found[3])
    _refuse_ambiguous(node, read)
    by = _written(checker, node, found[2])
    sql, python = _replacement(node, by, read.groups)
    parts = terms.Pattern(STRING, pattern, flags, read.text, read.text), terms.Pattern(STRING, by, "", sql, python)
    return terms.Call(STRING, REPLACE, (text, *parts))


def split(checker: Checker, node: nodes.Invocation, given: Arguments) -> Term | None:
    """`split(string, delimiter)`."""
    found = in_order(("string", "delimiter"), given)
    text = fit_argument(found[0], STRING) if found else None
    if found is None or text is None:
        return None
    pattern, _, read = _pattern(checker, node, found[1], None, capturing=False)
    _refuse_ambiguous(node, read)
    return terms.Call(SPLIT.result, SPLIT, (text, terms.Pattern(STRING, pattern, "", read.text, read.text)))


def _arguments(names: tuple[str, ...], given: Arguments) -> list[Term] | None:
    """The arguments, flags last; flags that are not given are null."""
    found = in_order((*names, "flags"), given)
    if found is not None:
        return found
    found = in_order(names, given)
    return None if found is None else [*found, terms.Constant(FeelType.NULL, None)]


def _pattern(
    checker: Checker, node: nodes.Invocation, pattern: Term, flags: Term | None, *, capturing: bool = True
) -> tuple[str, str, Pattern]:
    written = _written(checker, node, pattern)
    by = "" if flags is None or flags.type == FeelType.NULL else _written(checker, node, flags)
    try:
        return written, by, translated(written, by, capturing=capturing)
    except BadPattern as reason:
        raise FeelError(str(reason), node.span) from None


def _written(checker: Checker, node: nodes.Invocation, term: Term) -> str:
    value = checker.written_value(term) if checker.is_written(term) else None
    if not isinstance(value, str):
        raise FeelError("written_pattern", node.span)
    return value


def _refuse_ambiguous(node: nodes.Invocation, read: Pattern) -> None:
    if not read.is_one_way:
        raise FeelError("pattern_ambiguous", node.span)
    if not read.shortest:
        raise FeelError("pattern_empty", node.span)


def _replacement(node: nodes.Invocation, written: str, groups: int) -> tuple[str, str]:
    """What replaces a match, for PostgreSQL and for Python; a group that the pattern does not have is empty."""
    sql, python = "", ""
    for escaped, number, plain, stray in REFERENCE.findall(written):
        if stray:
            raise FeelError("bad_replacement", node.span)
        if number:
            has_group = int(number) <= groups
            sql += ("\\&" if number == "0" else f"\\{number}") if has_group else ""
            python += f"\\g<{number}>" if has_group else ""
        else:
            literal = (escaped or plain).replace("\\", "\\\\")
            sql, python = sql + literal, python + literal
    return sql, python


COMPOSED = {"matches": matches, "replace": replace, "split": split}
