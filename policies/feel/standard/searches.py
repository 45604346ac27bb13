"""Checks `matches`, `replace` and `split`: their patterns are written texts, which the checker reads."""

from __future__ import annotations

import re

from policies.feel import terms
from policies.feel.checking.coercion import fit_argument
from policies.feel.checking.composition import Arguments, composes, order_arguments
from policies.feel.checking.constants import constant_value, is_constant
from policies.feel.checking.session import Session
from policies.feel.functions.searches import MATCHES, REPLACE, SPLIT
from policies.feel.messages.errors import FeelError
from policies.feel.standard.patterns import BadPattern, Pattern, translate_pattern
from policies.feel.syntax import nodes
from policies.feel.terms import Term
from policies.feel.types.types import FeelType

STRING = FeelType.STRING
REFERENCE = re.compile(r"\\([\\$])|\$([0-9])|([^\\$]+)|(.)", re.DOTALL)


@composes("matches")
def compose_matches(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`matches(input, pattern)`, with flags or without."""
    found = _order_with_flags(("input", "pattern"), given)
    text = fit_argument(found[0], STRING) if found else None
    if found is None or text is None:
        return None
    pattern, flags, read = _read_pattern(node, found[1], found[2])
    term = terms.Pattern(STRING, pattern, flags, read.text, read.text)
    return terms.Call(FeelType.BOOLEAN, MATCHES, (text, term))


@composes("replace")
def compose_replace(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`replace(input, pattern, replacement)`, with flags or without."""
    found = _order_with_flags(("input", "pattern", "replacement"), given)
    text = fit_argument(found[0], STRING) if found else None
    if found is None or text is None:
        return None
    pattern, flags, read = _read_pattern(node, found[1], found[3])
    _refuse_ambiguous(node, read)
    by = _read_written(node, found[2])
    sql, python = _translate_references(node, by, read.groups)
    parts = terms.Pattern(STRING, pattern, flags, read.text, read.text), terms.Pattern(STRING, by, "", sql, python)
    return terms.Call(STRING, REPLACE, (text, *parts))


@composes("split")
def compose_split(node: nodes.Invocation, given: Arguments, session: Session) -> Term | None:
    """`split(string, delimiter)`."""
    found = order_arguments(("string", "delimiter"), given)
    text = fit_argument(found[0], STRING) if found else None
    if found is None or text is None:
        return None
    pattern, _, read = _read_pattern(node, found[1], None, capturing=False)
    _refuse_ambiguous(node, read)
    return terms.Call(SPLIT.result, SPLIT, (text, terms.Pattern(STRING, pattern, "", read.text, read.text)))


def _order_with_flags(names: tuple[str, ...], given: Arguments) -> list[Term] | None:
    """The arguments, flags last; flags that are not given are null."""
    found = order_arguments((*names, "flags"), given)
    if found is not None:
        return found
    found = order_arguments(names, given)
    return None if found is None else [*found, terms.Constant(FeelType.NULL, None)]


def _read_pattern(
    node: nodes.Invocation, pattern: Term, flags: Term | None, *, capturing: bool = True
) -> tuple[str, str, Pattern]:
    written = _read_written(node, pattern)
    by = "" if flags is None or flags.type == FeelType.NULL else _read_written(node, flags)
    try:
        return written, by, translate_pattern(written, by, capturing=capturing)
    except BadPattern as reason:
        raise FeelError(str(reason), node.span) from None


def _read_written(node: nodes.Invocation, term: Term) -> str:
    value = constant_value(term) if is_constant(term) else None
    if not isinstance(value, str):
        raise FeelError("written_pattern", node.span)
    return value


def _refuse_ambiguous(node: nodes.Invocation, read: Pattern) -> None:
    if not read.is_one_way:
        raise FeelError("pattern_ambiguous", node.span)
    if not read.shortest:
        raise FeelError("pattern_empty", node.span)


def _translate_references(node: nodes.Invocation, written: str, groups: int) -> tuple[str, str]:
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
