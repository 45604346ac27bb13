"""Finds comparisons of a coded fact with a value that it never has; such a rule would hold for nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils import translation

from companies.classifications.industries import SECTIONS
from companies.contracts.own import RECEIVED
from policies.explain.value_names import choices_of
from policies.feel.terms import Comparison, Constant, Decision, Expression, FactOf, Item, OneOf, Term, walk
from policies.models import Policy
from qinqing.kernel.text import Bilingual

VALUES_SHOWN = 6
# The same form as in the check constraint of the table of companies.
INDUSTRY = re.compile(r"[A-T][0-9]{2,4}")


def find_unknown_codes(rule: Expression) -> tuple[Bilingual, ...]:
    """
    A sentence for each written value that its fact never has; the sentence names the value that was probably meant.
    """
    parts = list(walk(rule.node))
    inputs = {
        scope: value
        for part in parts
        if isinstance(part, Decision)
        for scope, value in zip(part.scopes, part.inputs, strict=True)
    }
    # A decision table repeats the same few values in its rows; each is looked up only once.
    found = {
        (fact.record.group.name, fact.fact.name, text): fact
        for term, option in _comparisons(parts)
        for fact, text in _compared_codes(inputs.get(term.scope, term) if isinstance(term, Item) else term, option)
    }
    return tuple(sentence for (*_, text), fact in found.items() if (sentence := _check_value(fact, text)))


def _comparisons(parts: list[Term]) -> Iterator[tuple[Term, Term]]:
    for part in parts:
        if isinstance(part, OneOf):
            yield from ((part.operand, option) for option in part.options)
        elif isinstance(part, Comparison) and part.symbol in ("=", "!="):
            yield from ((part.left, part.right), (part.right, part.left))


def _compared_codes(term: Term, option: Term) -> Iterator[tuple[FactOf, str]]:
    if isinstance(term, FactOf) and isinstance(option, Constant) and isinstance(option.value, str):
        yield term, option.value


def _check_value(fact: FactOf, text: str) -> Bilingual | None:
    """The sentence about a value that the fact never has; empty for any other."""
    match (fact.record.group.name, fact.fact.name):
        case ("company", "industry"):
            return _check_industry(text)
        case (RECEIVED.name, "policy"):
            return _check_policy_code(text)
    return _check_choice(fact, text)


def _check_policy_code(text: str) -> Bilingual | None:
    """Nothing was ever paid under a code that no policy has; so “has not received” would hold for everybody."""
    codes = list(Policy.objects.order_by("code").values_list("code", flat=True))
    if text in codes:
        return None
    meant = next((code for code in codes if _signs(code) == _signs(text)), None)
    return Bilingual(
        f"“已兑付.政策编号”从来不是“{text}”，没有这个编号的政策；"
        + (f'应写 "{meant}"。' if meant else "请核对编号，否则已领取的会被视为从未领取。"),
        f"“received.policy” is never “{text}”, no policy has this code; "
        + (f'write "{meant}".' if meant else "check it, or whoever has received is taken for one who has not."),
    )


def _signs(code: str) -> str:
    return "".join(filter(str.isalnum, code)).lower()


def _check_industry(text: str) -> Bilingual | None:
    """
    Industry codes are a letter and two to four digits; a rule can name a whole section only by comparing the letter.
    """
    if INDUSTRY.fullmatch(text):
        return None
    section = next((letter for letter, name in SECTIONS.items() if text == letter or text in name.zh + name.en), "C")
    return Bilingual(
        f"“企业.行业代码”从来不是“{text}”；它是 {section}26 这样的代码；整个门类要这样写："
        f' starts with(企业.行业代码, "{section}")（{SECTIONS[section].zh}）。',
        f"“company.industry” is never “{text}”; it is a code such as {section}26, a whole section is written"
        f' starts with(company.industry, "{section}") ({SECTIONS[section].en}).',
    )


def _names(fact: FactOf, language: str) -> dict[str, str]:
    with translation.override(language):
        return choices_of(group=fact.record.group.name, fact=fact.fact.name)


def _check_choice(fact: FactOf, text: str) -> Bilingual | None:
    chinese, english = _names(fact, "zh-hans"), _names(fact, "en")
    if not chinese or text in chinese:
        return None
    meant = next((code for code in chinese if text.lower() in _find_code_by_name(code, chinese, english)), None)
    group, known = fact.record.group, ", ".join(f'"{code}"' for code in list(chinese)[:VALUES_SHOWN])
    known += ", …" if len(chinese) > VALUES_SHOWN else ""
    return Bilingual(
        f"“{group.name_zh}.{fact.fact.name_zh}”从来不是“{text}”；"
        + (f'应写 "{meant}"（{chinese[meant]}）。' if meant else f"它的取值是 {known}。"),
        f"“{group.name}.{fact.fact.name}” is never “{text}”; "
        + (f'write "{meant}" ({english[meant]}).' if meant else f"its values are {known}."),
    )


def _find_code_by_name(code: str, *names: dict[str, str]) -> set[str]:
    return {code.lower(), *(known[code].lower() for known in names)}
