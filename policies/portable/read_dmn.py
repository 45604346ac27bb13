"""Reads a DMN file as a policy, or refuses it with one sentence."""

from __future__ import annotations

import datetime as dt
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from itertools import combinations
from typing import Any

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _

from policies.authoring.parts import ClauseText, ExampleText, ParameterText, TableText, ValueText
from policies.feel.definitions import LIMIT_VALUES
from policies.portable.names import AMOUNT, DMN, ELIGIBLE, HIT_POLICIES, LIMIT, RESULTS, dmn_name, extension_name
from policies.portable.text import GroupText, NamedText, PolicyText
from qinqing.kernel.money import parse_number
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.tables.markup import read_tree
from qinqing.kernel.tables.refusals import UnreadableTable

LIMIT_BYTES = 2_000_000
# The largest policy of the demo has some hundred.
MOST_ELEMENTS = 20_000
_FIELDS_OF = ("policy", "version")
# Older editions of DMN differ only in the namespace, as far as a policy uses them.
_NAMESPACE = re.compile(r"\{(https?://www\.omg\.org/spec/DMN/\d{8}/MODEL/)\}definitions")


class UnreadablePolicy(Refusal):
    """The file is not a policy; the sentence says what is wrong, where, and what to do."""


def read(content: bytes) -> PolicyText:
    """
    The policy that a file describes; its rules are not checked yet.

    Raises:
        UnreadablePolicy: it is too large, no DMN, or lacks what a policy needs.
    """
    if len(content) > LIMIT_BYTES:
        raise UnreadablePolicy(_("The file is larger than %(size)d MB; a policy is far smaller.") % {"size": 2})
    return _policy(_root(content))


def _root(content: bytes) -> ET.Element:
    try:
        root = read_tree(content, most_elements=MOST_ELEMENTS)
    except UnreadableTable as refused:
        raise UnreadablePolicy(str(refused)) from refused
    except DefusedXmlException as refused:
        raise UnreadablePolicy(_("The file defines entities, which a policy never needs; remove its DTD.")) from refused
    except (ET.ParseError, ValueError, LookupError) as refused:
        raise UnreadablePolicy(_("The file is not XML: %(reason)s.") % {"reason": refused}) from refused
    version = _NAMESPACE.fullmatch(root.tag)
    if version is None:
        raise UnreadablePolicy(_("The file is XML but no DMN; export it as DMN 1.3 to 1.5."))
    if version[1] != DMN:
        for element in root.iter():
            element.tag = element.tag.replace(version[1], DMN)
    return root


def _policy(root: ET.Element) -> PolicyText:
    extension = root.find(f"{dmn_name('extensionElements')}/{extension_name('policy')}")
    if extension is None:
        raise UnreadablePolicy(_("The file lacks the element qinqing:policy, which says the code, track and window."))
    decisions = _decisions(root)
    tables = [_table(name, decision) for name, decision in decisions.items() if _is_table(decision)]
    clauses, amount = tuple(_clauses(decisions)), _expression(_decision(decisions, AMOUNT))
    _check_all_are_known(decisions)
    return PolicyText(
        header=_fields(extension, "policy"),
        fields=_fields(extension, "version"),
        clauses=clauses,
        amount=amount,
        limit=_expression(decisions[LIMIT]) if LIMIT in decisions else "",
        named=tuple(
            _read_named_clause(name, decision) for name, decision in decisions.items() if _is_named_clause(decision)
        ),
        parameters=tuple(_parameter(model) for model in root.iterfind(dmn_name("businessKnowledgeModel"))),
        tables=tuple(tables),
        examples=tuple(_example(element) for element in extension.iterfind(extension_name("example"))),
        groups=tuple(_group(element) for element in extension.iterfind(extension_name("stackingGroup"))),
    )


def _decisions(root: ET.Element) -> dict[str, ET.Element]:
    decisions: dict[str, ET.Element] = {}
    for decision in root.iterfind(dmn_name("decision")):
        name = _attribute(decision, "name")
        if name in decisions:
            raise UnreadablePolicy(
                _("Two decisions of the file are named “%(name)s”; a rule could mean either. Rename one of them.")
                % {"name": name}
            )
        decisions[name] = decision
    return decisions


def _fields(extension: ET.Element, of: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for field in extension.iterfind(extension_name("field")):
        if field.get("of") not in _FIELDS_OF:
            raise UnreadablePolicy(
                _('The field “%(name)s” is of “%(of)s”; write of="policy" or of="version".')
                % {"name": field.get("name", ""), "of": field.get("of", "")}
            )
        if field.get("of") == of:
            name = _attribute(field, "name")
            if name in fields:
                raise UnreadablePolicy(
                    _("The file says the field “%(name)s” twice; remove one of them.") % {"name": name}
                )
            fields[name] = _own_text(field, "value")
    return fields


def _own_text(element: ET.Element, name: str) -> str:
    """The text of an element of our extension: its attribute or, as people may write it, the text between its tags."""
    return element.get(name, "").strip() or _text(element)


def _check_all_are_known(decisions: dict[str, ET.Element]) -> None:
    """Refuse a decision that would be lost, because it is no result, no clause, no table and no named clause."""
    clauses = _conditions(decisions)
    for name, decision in decisions.items():
        if name not in {*RESULTS, *clauses} and not _is_table(decision) and not _is_named_clause(decision):
            raise UnreadablePolicy(
                _("The decision “%(name)s” is no condition: “eligible” does not name it. Add it there with “and”,"
                  " write it into the rules that use it, or make it a named clause.") % {"name": name}
            )  # fmt: skip


_REQUIRED = f"{dmn_name('informationRequirement')}/{dmn_name('requiredDecision')}"


def _target(required: ET.Element) -> str:
    return required.get("href", "").removeprefix("#")


def _clauses(decisions: dict[str, ET.Element]) -> Iterator[ClauseText]:
    """The decisions that `eligible` names, in its order."""
    for name in _conditions(decisions):
        yield _clause(decisions[name])


def _conditions(decisions: dict[str, ET.Element]) -> list[str]:
    """
    The names of the conditions; all of them have to hold.

    A modeller draws an arrow for each condition. People who write the file by hand often leave the arrows out; then the
    rule of `eligible` alone names the conditions.
    """
    eligible = _decision(decisions, ELIGIBLE)
    drawn = [_name_of_required(required, decisions) for required in eligible.iterfind(_REQUIRED)]
    text = "" if _is_table(eligible) else _expression(eligible)
    said = [] if text == "true" else list(dict.fromkeys(_AND.split(text.strip())))
    if not set(said) <= set(decisions) or (drawn and set(drawn) != set(said)):
        raise UnreadablePolicy(
            _("The decision “eligible” joins the names of the conditions with “and” and does nothing else, such as"
              " “clause_1 and clause_2”; here it is “%(text)s”.") % {"text": text or _("a table")}
        )  # fmt: skip
    return said


_AND = re.compile(r"\s+and\s+")


def _name_of_required(required: ET.Element, decisions: dict[str, ET.Element]) -> str:
    for name, decision in decisions.items():
        if decision.get("id") == _target(required):
            return name
    raise UnreadablePolicy(
        _("The decision “eligible” requires %(href)s, which the file does not have.")
        % {"href": required.get("href", "")}
    )


def _decision(decisions: dict[str, ET.Element], name: str) -> ET.Element:
    if name not in decisions:
        raise UnreadablePolicy(_("The file has no decision named “%(name)s”; a policy needs one.") % {"name": name})
    return decisions[name]


def _clause(decision: ET.Element) -> ClauseText:
    title = decision.get("label") or _attribute(decision, "name")
    if _is_named_clause(decision):
        return ClauseText(title, _text(decision.find(dmn_name("question"))), _attribute(decision, "name"))
    return ClauseText(title, _text(decision.find(dmn_name("question"))), _expression(decision))


def _is_named_clause(decision: ET.Element) -> bool:
    return "library" in _words(decision)


def _read_named_clause(name: str, decision: ET.Element) -> NamedText:
    clause = ClauseText(
        decision.get("label") or name, _text(decision.find(dmn_name("question"))), _expression(decision)
    )
    return NamedText(name, _words(decision).get("zh", name), clause.title_zh, clause.title_en, clause.feel)


def _expression(decision: ET.Element) -> str:
    """The rule of a decision; a table is called by its name."""
    if _is_table(decision):
        return _table_name(_attribute(decision, "name"))
    text = decision.find(f"{dmn_name('literalExpression')}/{dmn_name('text')}")
    if text is None:
        raise UnreadablePolicy(
            _("The decision “%(name)s” has neither an expression nor a table.") % {"name": decision.get("name")}
        )
    return _text(text)


def _is_table(decision: ET.Element) -> bool:
    return decision.find(dmn_name("decisionTable")) is not None


def _table_name(name: str) -> str:
    # In a modeller the amount or a clause may itself be a table; the rule then calls the table by a name of its own.
    return f"{name}_table" if name in RESULTS or name.startswith("clause_") else name


def _table(name: str, decision: ET.Element) -> TableText:
    table = decision.find(dmn_name("decisionTable"))
    assert table is not None
    written = (table.get("hitPolicy", "UNIQUE"), table.get("aggregation"))
    ours_by_theirs = {theirs: short for short, theirs in HIT_POLICIES.items()}
    if written not in ours_by_theirs:
        raise UnreadablePolicy(
            _("The table “%(name)s” has the hit policy %(policy)s; UNIQUE, FIRST and COLLECT with SUM are known.")
            % {"name": name, "policy": " ".join(filter(None, written))}
        )
    _check_output(name, table)
    return TableText(
        name=_table_name(name),
        name_zh=_words(decision).get("zh") or decision.get("label") or _table_name(name),
        name_en=_text(decision.find(dmn_name("question"))),
        hit_policy=ours_by_theirs[written],
        inputs=tuple(_input(column) for column in table.iterfind(dmn_name("input"))),
        rows=tuple(_row(rule) for rule in table.iterfind(dmn_name("rule"))),
    )


def _check_output(name: str, table: ET.Element) -> None:
    outputs = table.findall(dmn_name("output"))
    if len(outputs) != 1:
        raise UnreadablePolicy(_("The table “%(name)s” needs one output, not several.") % {"name": name})
    if outputs[0].find(dmn_name("defaultOutputEntry")) is not None:
        raise UnreadablePolicy(
            _("The table “%(name)s” has a default output, which would be lost; make the table FIRST and write the"
              " default as its last row, with “-” in each cell.") % {"name": name}
        )  # fmt: skip


def _input(column: ET.Element) -> dict[str, str]:
    text = _text(column.find(f"{dmn_name('inputExpression')}/{dmn_name('text')}"))
    return {"label_zh": column.get("label") or text, "label_en": _words(column).get("en", ""), "feel": text}


def _row(rule: ET.Element) -> dict[str, Any]:
    cells = [_text(entry.find(dmn_name("text"))) or "-" for entry in rule.iterfind(dmn_name("inputEntry"))]
    return {"cells": cells, "output": _text(rule.find(f"{dmn_name('outputEntry')}/{dmn_name('text')}"))}


def _parameter(model: ET.Element) -> ParameterText:
    name = _attribute(model, "name")
    words = _words(model)
    table = model.find(f"{dmn_name('encapsulatedLogic')}/{dmn_name('decisionTable')}")
    if table is None:
        raise UnreadablePolicy(
            _("The function “%(name)s” is no table of values by district and day; only those can be imported.")
            % {"name": name}
        )
    _check_output(name, table)
    rules = table.findall(dmn_name("rule"))
    # The limit is checked before the rows are compared in pairs, because the largest file would have millions of pairs.
    if len(rules) > LIMIT_VALUES:
        raise UnreadablePolicy(
            _("The parameter “%(name)s” has %(count)d values; the limit is %(limit)d.")
            % {"name": name, "count": len(rules), "limit": LIMIT_VALUES}
        )
    values = tuple(_value(name, number, rule) for number, rule in enumerate(rules, start=1))
    _check_order(name, table.get("hitPolicy", "UNIQUE"), values)
    return ParameterText(name, words.get("zh", name), values, name_en=words.get("en", ""), unit=words.get("unit", ""))


def _check_order(name: str, hit_policy: str, values: Sequence[ValueText]) -> None:
    """
    Refuse rows whose order would mean something else here, where a district comes before everywhere, and a later day
    before an earlier one.
    """
    if hit_policy not in ("FIRST", "UNIQUE"):
        raise UnreadablePolicy(
            _("The parameter “%(name)s” has the hit policy %(policy)s; make its table FIRST.")
            % {"name": name, "policy": hit_policy}
        )
    numbered = enumerate(values, start=1)
    for (number, value), (other, later) in combinations(numbered, 2):
        is_decided = hit_policy == "FIRST" and _precedence(value) > _precedence(later)
        if _do_both_hold(value, later) and not is_decided:
            raise UnreadablePolicy(
                _("The parameter “%(name)s”: its rows %(row)d and %(other)d can both hold. Make the table FIRST, and"
                  " write a district above everywhere and a later day above an earlier one.")
                % {"name": name, "row": number, "other": other}
            )  # fmt: skip


def _do_both_hold(one: ValueText, other: ValueText) -> bool:
    # Each row holds from its day on; so two rows of one district both hold from the later of their days on.
    return one.district == other.district or not (one.district and other.district)


def _precedence(value: ValueText) -> tuple[bool, dt.date]:
    return bool(value.district), value.valid_from or dt.date.min


# The forms of the two cells of a parameter's row: a district and a first day; "-" is any.
_CONDITIONS = (re.compile(r'"(\d{6})"|-'), re.compile(r'>=\s*(?:date\(|@)"(\d{4}-\d\d-\d\d)"\)?|-'))


def _value(name: str, number: int, rule: ET.Element) -> ValueText:
    row = _row(rule)
    cells = row["cells"] if len(row["cells"]) == len(_CONDITIONS) else [""] * len(_CONDITIONS)
    matches = [pattern.fullmatch(cell.strip()) for pattern, cell in zip(_CONDITIONS, cells, strict=True)]
    refusal = UnreadablePolicy(
        _("Row %(row)d of the parameter “%(name)s”: give a district as \"330127\" or -, a day as"
          " >= date(\"2023-02-01\") or -, and a number.") % {"row": number, "name": name}
    )  # fmt: skip
    if None in matches:
        raise refusal
    district, since = (match[1] or "" for match in matches if match)
    number_said = parse_number(row["output"])
    if number_said is None:
        raise refusal
    try:
        return ValueText(number_said, district, dt.date.fromisoformat(since) if since else None)
    except ValueError as refused:
        raise refusal from refused


def _example(element: ET.Element) -> ExampleText:
    title, expected_cny = _attribute(element, "title"), element.get("expected_cny")
    try:
        facts = json.loads(_own_text(element, "facts"))
        amount = Decimal(expected_cny) if expected_cny else None
    except (ValueError, InvalidOperation, RecursionError) as refused:
        raise UnreadablePolicy(
            _("The example “%(title)s”: its facts are no JSON, or its amount no number (%(reason)s).")
            % {"title": title, "reason": refused}
        ) from refused
    return ExampleText(title, facts, _attribute(element, "expected"), amount)


def _group(element: ET.Element) -> GroupText:
    return GroupText(**{name: element.get(name, "") for name in GroupText.__slots__})


def _words(element: ET.Element) -> dict[str, str]:
    """The names that our extension keeps for an element, if it has any."""
    names = element.find(f"{dmn_name('extensionElements')}/{extension_name('names')}")
    return dict(names.attrib) if names is not None else {}


def _attribute(element: ET.Element, name: str) -> str:
    if not element.get(name):
        kind = element.tag.rpartition("}")[2]
        raise UnreadablePolicy(
            _("An element “%(kind)s” of the file has no attribute “%(name)s”.") % {"kind": kind, "name": name}
        )
    return element.attrib[name]


def _text(element: ET.Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""
