"""
A policy as DMN 1.5, or 1.3 for modellers that know no newer one.

Every clause is a boolean decision, `eligible` requires them all, `amount` is the money and `portion_limit` the most
that a portion of a pool is; decision tables and named clauses are decisions, parameters are business knowledge models,
the facts are input data. The rest, such as the track, the window and the examples, is in one extension element
(docs/portable.md).
"""

from __future__ import annotations

import datetime as dt
import json
import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterable, Mapping, Sequence

from companies.datasets.catalogue import Catalogue, FactGroup
from policies.authoring.parts import ClauseText, ParameterText, TableText, ValueText
from policies.portable import diagram
from policies.portable.mentions import mentioned_in_cell, mentioned_names
from policies.portable.names import (
    AMOUNT,
    DISTRICT,
    DMN,
    DMNDI,
    EDITIONS,
    ELIGIBLE,
    FEEL,
    HIT_POLICIES,
    LIMIT,
    ON,
    PREFIXES,
    dmn_name,
    extension_name,
)
from policies.portable.text import GroupText, PolicyText

for _prefix, _namespace in PREFIXES.items():
    ET.register_namespace(_prefix, _namespace)

Requirements = Mapping[str, str]


def write(policy: PolicyText, *, catalogue: Catalogue, edition: str = "1.5") -> bytes:
    """
    The file as UTF-8 bytes; the same policy gives the same bytes.

    `catalogue` types the facts it mentions; `edition` is that of DMN, one of `EDITIONS`.
    """
    code = policy.header["code"]
    root = ET.Element(
        dmn_name("definitions"),
        id="policy",
        name=code,
        namespace=f"urn:qinqing:policy:{code}",
        expressionLanguage=FEEL,
        exporter="Qinqing",
    )
    _describe(root, policy)
    groups = _groups(policy, catalogue)
    for group in groups:
        root.append(_item(group))
    for group in groups:
        root.append(_input(group))
    root.extend([*_rules(policy, groups)])
    root.append(diagram.draw_diagram(root))
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return _convert_to_edition(content, edition) + b"\n"


def _convert_to_edition(content: bytes, edition: str) -> bytes:
    # Each namespace occurs once in quotes, in the first tag, before any text that people wrote.
    for namespace in (DMN, DMNDI, FEEL):
        dated = namespace.replace(EDITIONS["1.5"], EDITIONS[edition])
        content = content.replace(f'"{namespace}"'.encode(), f'"{dated}"'.encode(), 1)
    return content


def _describe(root: ET.Element, policy: PolicyText) -> None:
    ET.SubElement(root, dmn_name("description")).text = policy.header["title_zh"]
    extension = ET.SubElement(ET.SubElement(root, dmn_name("extensionElements")), extension_name("policy"))
    # The field is written as attributes only: KIE's modeller drops the text of a foreign element that has attributes.
    for of, said in (("policy", policy.header), ("version", policy.fields)):
        for name, value in said.items():
            ET.SubElement(extension, extension_name("field"), of=of, name=name, value=value)
    for group in policy.groups:
        extension.append(_group(group))
    for example in policy.examples:
        attributes = {"title": example.title, "expected": example.expected_verdict}
        if example.expected_cny is not None:
            attributes["expected_cny"] = str(example.expected_cny)
        ET.SubElement(
            extension, extension_name("example"), attributes, facts=json.dumps(example.facts, ensure_ascii=False)
        )


def _group(group: GroupText) -> ET.Element:
    words = {name: getattr(group, name) for name in GroupText.__slots__}
    return ET.Element(extension_name("stackingGroup"), {name: value for name, value in words.items() if value})


def _groups(policy: PolicyText, catalogue: Catalogue) -> list[FactGroup]:
    """The facts that the rules look at, in the order of the catalogue."""
    texts = [clause.feel for clause in policy.clauses] + [entry.feel for entry in policy.named]
    texts += [policy.amount, policy.limit, policy.fields.get("payee_feel", "")]
    mentioned = set().union(*map(mentioned_names, texts), *map(_names_in_table, policy.tables))
    return [group for group in catalogue.groups.values() if {group.name, group.name_zh} & mentioned]


def _names_in_table(table: TableText) -> frozenset[str]:
    """The names that a table uses, in its inputs and in its cells."""
    texts = [*(column["feel"] for column in table.inputs), *(row["output"] for row in table.rows)]
    cells = [cell for row in table.rows for cell in row["cells"]]
    return frozenset().union(*map(mentioned_names, texts), *map(mentioned_in_cell, cells))


def _item(group: FactGroup) -> ET.Element:
    item = ET.Element(dmn_name("itemDefinition"), name=_type(group), isCollection=str(group.is_list).lower())
    for fact in group.facts.values():
        component = ET.SubElement(item, dmn_name("itemComponent"), name=fact.name, label=fact.name_zh)
        ET.SubElement(component, dmn_name("typeRef")).text = str(fact.type)
    return item


def _input(group: FactGroup) -> ET.Element:
    element = ET.Element(dmn_name("inputData"), id=f"input_{group.name}", name=group.name, label=group.name_zh)
    ET.SubElement(element, dmn_name("variable"), name=group.name, typeRef=_type(group))
    return element


def _type(group: FactGroup) -> str:
    return f"t_{group.name}"


def _rules(policy: PolicyText, groups: Sequence[FactGroup]) -> Iterable[ET.Element]:
    """All decisions; what they may require is an "Input", a "Decision" or "Knowledge"."""
    parameters, tables, named = policy.parameters, policy.tables, policy.named
    aliases = {group.name_zh: group.name for group in groups}
    aliases |= {parameter.name_zh: parameter.name for parameter in parameters}
    aliases |= {table.name_zh: table.name for table in tables} | {entry.name_zh: entry.name for entry in named}
    called = [table.name for table in tables] + [entry.name for entry in named]
    known = {group.name: "Input" for group in groups} | dict.fromkeys(called, "Decision")
    known |= {parameter.name: "Knowledge" for parameter in parameters}
    for parameter in parameters:
        yield _parameter(parameter)
    for entry in named:
        rule = ClauseText(entry.title_zh, entry.title_en, entry.feel)
        decision = _decision(entry.name, "boolean", rule, _requirements(entry.feel, known, aliases))
        _names(decision, zh=entry.name_zh, library="true")
        yield _literal(decision, entry.feel)
    for table in tables:
        yield _table(table, known, aliases)
    numbered = {f"clause_{number}": rule for number, rule in enumerate(policy.clauses, start=1)}
    for name, rule in numbered.items():
        yield _literal(_decision(name, "boolean", rule, _requirements(rule.feel, known, aliases)), rule.feel)
    both = ClauseText("符合全部条件", "All conditions hold", " and ".join(numbered) or "true")
    yield _literal(_decision(ELIGIBLE, "boolean", both, dict.fromkeys(numbered, "Decision")), both.feel)
    amounts = {AMOUNT: ClauseText("金额（元）", "Amount in yuan", policy.amount)}
    if policy.limit:
        amounts[LIMIT] = ClauseText("每份上限（元）", "A portion of the pool is at most, in yuan", policy.limit)
    for name, rule in amounts.items():
        yield _literal(_decision(name, "number", rule, _requirements(rule.feel, known, aliases)), rule.feel)


def _requirements(text: str, known: Requirements, aliases: Mapping[str, str]) -> Requirements:
    return _requirements_of_names(mentioned_names(text), known, aliases)


def _requirements_of_names(mentioned: frozenset[str], known: Requirements, aliases: Mapping[str, str]) -> Requirements:
    names = {aliases.get(name, name) for name in mentioned}
    return {name: kind for name, kind in known.items() if name in names}


def _decision(name: str, type_: str, rule: ClauseText, required: Requirements) -> ET.Element:
    decision = ET.Element(dmn_name("decision"), id=f"decision_{name}", name=name, label=rule.title_zh)
    ET.SubElement(decision, dmn_name("extensionElements"))
    if rule.title_en:
        ET.SubElement(decision, dmn_name("question")).text = rule.title_en
    ET.SubElement(decision, dmn_name("variable"), name=name, typeRef=type_)
    _require(decision, required)
    return decision


def _require(element: ET.Element, required: Requirements) -> None:
    # The schema requires information requirements before knowledge requirements.
    for name, kind in sorted(required.items(), key=lambda item: item[1] == "Knowledge"):
        wrapper = "knowledgeRequirement" if kind == "Knowledge" else "informationRequirement"
        prefix = {"Input": "input", "Decision": "decision", "Knowledge": "parameter"}[kind]
        inner = ET.SubElement(element, dmn_name(wrapper), id=f"{element.get('id')}_{name}")
        ET.SubElement(inner, dmn_name(f"required{kind}"), href=f"#{prefix}_{name}")


def _literal(decision: ET.Element, text: str) -> ET.Element:
    expression = ET.SubElement(decision, dmn_name("literalExpression"))
    ET.SubElement(expression, dmn_name("text")).text = text
    return _without_empty_extension(decision)


def _without_empty_extension(element: ET.Element) -> ET.Element:
    extension = element.find(dmn_name("extensionElements"))
    if extension is not None and not len(extension):
        element.remove(extension)
    return element


def _names(element: ET.Element, **words: str) -> None:
    extension = element.find(dmn_name("extensionElements"))
    assert extension is not None
    ET.SubElement(extension, extension_name("names"), {name: word for name, word in words.items() if word})


def _table(table: TableText, known: Requirements, aliases: Mapping[str, str]) -> ET.Element:
    required = _requirements_of_names(_names_in_table(table), known, aliases)
    titled = ClauseText(table.name_zh, table.name_en, "")
    decision = _decision(table.name, "number", titled, required)
    _names(decision, zh=table.name_zh)
    policy, aggregation = HIT_POLICIES[table.hit_policy]
    rows = ET.SubElement(decision, dmn_name("decisionTable"), id=f"table_{table.name}", hitPolicy=policy)
    if aggregation:
        rows.set("aggregation", aggregation)
    for number, column in enumerate(table.inputs, start=1):
        written = _column(rows, f"table_{table.name}_input_{number}", column["feel"], label=column["label_zh"])
        if column["label_en"]:
            ET.SubElement(_extension_first(written), extension_name("names"), en=column["label_en"])
    ET.SubElement(rows, dmn_name("output"), id=f"table_{table.name}_output", name=table.name)
    for number, row in enumerate(table.rows, start=1):
        _row(rows, f"table_{table.name}_rule_{number}", row["cells"], row["output"])
    return _without_empty_extension(decision)


def _extension_first(element: ET.Element) -> ET.Element:
    extension = ET.Element(dmn_name("extensionElements"))
    element.insert(0, extension)
    return extension


def _column(table: ET.Element, id_: str, text: str, *, label: str = "") -> ET.Element:
    column = ET.SubElement(table, dmn_name("input"), {"id": id_} | ({"label": label} if label else {}))
    ET.SubElement(ET.SubElement(column, dmn_name("inputExpression")), dmn_name("text")).text = text
    return column


def _row(table: ET.Element, id_: str, cells: Collection[str], output: str) -> None:
    rule = ET.SubElement(table, dmn_name("rule"), id=id_)
    for cell in cells:
        ET.SubElement(ET.SubElement(rule, dmn_name("inputEntry")), dmn_name("text")).text = cell
    ET.SubElement(ET.SubElement(rule, dmn_name("outputEntry")), dmn_name("text")).text = output


def _parameter(parameter: ParameterText) -> ET.Element:
    """
    A function of a day and a district: its first row that holds counts; the newest rows of a district stand above those
    for everywhere.
    """
    id_ = f"parameter_{parameter.name}"
    model = ET.Element(dmn_name("businessKnowledgeModel"), id=id_, name=parameter.name, label=parameter.name_zh)
    ET.SubElement(model, dmn_name("extensionElements"))
    _names(model, zh=parameter.name_zh, en=parameter.name_en, unit=parameter.unit)
    ET.SubElement(model, dmn_name("variable"), name=parameter.name)
    logic = ET.SubElement(model, dmn_name("encapsulatedLogic"))
    ET.SubElement(logic, dmn_name("formalParameter"), name=ON, typeRef="date")
    ET.SubElement(logic, dmn_name("formalParameter"), name=DISTRICT, typeRef="string")
    table = ET.SubElement(logic, dmn_name("decisionTable"), id=f"{id_}_table", hitPolicy="FIRST")
    _column(table, f"{id_}_district", DISTRICT)
    _column(table, f"{id_}_on", ON)
    ET.SubElement(table, dmn_name("output"), id=f"{id_}_output", name=parameter.name, typeRef="number")
    newest_first = sorted(parameter.values, key=lambda value: value.valid_from or dt.date.min, reverse=True)
    districts_first = sorted(newest_first, key=lambda value: (not value.district, value.district))
    for number, value in enumerate(districts_first, start=1):
        _row(table, f"{id_}_rule_{number}", _conditions(value), f"{value.value.normalize():f}")
    return model


def _conditions(value: ValueText) -> tuple[str, str]:
    district = f'"{value.district}"' if value.district else "-"
    return district, f'>= date("{value.valid_from.isoformat()}")' if value.valid_from else "-"
