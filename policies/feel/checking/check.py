"""Checks a rule when an officer saves it: resolves every name and types every part, or says what is wrong and where."""

from __future__ import annotations

from companies.datasets.catalogue import Catalogue
from policies.feel.checking import registrations  # noqa: F401 – registers what the checker knows
from policies.feel.checking.coercion import fit_argument
from policies.feel.checking.expand import Expansion
from policies.feel.checking.scope import Scope
from policies.feel.checking.session import Session, check_value
from policies.feel.definitions import Definitions
from policies.feel.messages.errors import FeelError
from policies.feel.passes.limits import check_whole_rule
from policies.feel.passes.null_guards import guard_choices
from policies.feel.passes.precision import refuse_too_wide
from policies.feel.syntax.nodes import Node
from policies.feel.syntax.parse import parse
from policies.feel.terms import Expression
from policies.feel.types.types import ContextOf, FeelType, FunctionType, MixedListOf, RangeOf, Type, words


def check(
    text: str, *, catalogue: Catalogue, expects: FeelType | None = None, definitions: Definitions | None = None
) -> Expression:
    """
    Read and type a rule; with `definitions` it may call them, and the as-of date, by name.

    Raises:
        FeelError: it is not a rule, names something unknown, or its types do not go together.
    """
    written = parse(text)
    session, scope = Session(), Scope(catalogue)
    if definitions is not None:
        scope = Expansion(catalogue, definitions, written, session).scope
    term = check_whole_rule(check_value(written, scope, session), written)
    refuse_too_wide(term, written)
    if expects is None and _has_no_answer(term.type):
        raise FeelError("no_answer", written.span)
    if expects is not None:
        fitted = fit_argument(term, expects)
        if fitted is None:
            raise _wrong_result(written, term.type, expects)
        term = fitted
    return Expression(text, guard_choices(term), term.type)


def _has_no_answer(type_: Type) -> bool:
    inner = type_.types if isinstance(type_, ContextOf | MixedListOf) else ()
    return isinstance(type_, RangeOf | FunctionType) or any(_has_no_answer(part) for part in inner)


def _wrong_result(written: Node, found: Type, wanted: FeelType) -> FeelError:
    (english, chinese), (needed, needed_zh) = words(found), words(wanted)
    return FeelError("wrong_result", written.span, found=english, found_zh=chinese, wanted=needed, wanted_zh=needed_zh)
