"""Draws the elements of a policy as a diagram; DMN keeps it in the file, and a modeller shows it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from policies.portable.names import AMOUNT, DC, DI, DMNDI, ELIGIBLE, LIMIT, dmn_name

WIDTH, HEIGHT, GAP_X, GAP_Y = 160, 60, 30, 80
# Modellers show their tools over the upper left corner.
LEFT, TOP = 180, 120
SHAPES = ("decision", "inputData", "businessKnowledgeModel")

Position = tuple[int, int]


def draw_diagram(root: ET.Element) -> ET.Element:
    """
    Draw all elements of `root`: `eligible` above, then clauses and amount, then the decisions that they call, then the
    facts.

    The called decisions stand to the right of clauses and amount, so that no arrow from a fact passes under a box.
    """
    interchange = ET.Element(f"{{{DMNDI}}}DMNDI")
    sheet = ET.SubElement(interchange, f"{{{DMNDI}}}DMNDiagram", id="diagram")
    places = _place_elements(root)
    for id_, (x, y) in places.items():
        shape = ET.SubElement(sheet, f"{{{DMNDI}}}DMNShape", id=f"shape_{id_}", dmnElementRef=id_)
        size = {"height": str(HEIGHT), "width": str(WIDTH), "x": str(x), "y": str(y)}
        ET.SubElement(shape, f"{{{DC}}}Bounds", size)
    for id_, place in places.items():
        for requirement, wanted in _requirements(root, id_):
            _arrow(sheet, requirement, places[wanted], place)
    return interchange


def _place_elements(root: ET.Element) -> dict[str, Position]:
    rows: tuple[list[str], ...] = ([], [], [], [])
    for element in root:
        if element.tag in {dmn_name(shape) for shape in SHAPES}:
            rows[_row(element)].append(element.attrib["id"])
    _eligible, judged, _called, facts = rows
    firsts = (max(len(judged) - 2, 0) // 2, 0, max(len(judged), len(facts)), 0)
    return {
        id_: (LEFT + (first + column) * (WIDTH + GAP_X), TOP + row * (HEIGHT + GAP_Y))
        for row, (first, ids) in enumerate(zip(firsts, rows, strict=True))
        for column, id_ in enumerate(ids)
    }


def _row(element: ET.Element) -> int:
    if element.tag == dmn_name("inputData"):
        return 3
    name = element.attrib["name"]
    if name == ELIGIBLE:
        return 0
    return 1 if name.startswith("clause_") or name in (AMOUNT, LIMIT) else 2


def _requirements(root: ET.Element, id_: str) -> list[tuple[str, str]]:
    """The requirements of an element: the id of each, and the id of what it requires."""
    element = next(element for element in root if element.get("id") == id_)
    return [
        (child.attrib["id"], child[0].attrib["href"].removeprefix("#"))
        for child in element
        if child.tag in (dmn_name("informationRequirement"), dmn_name("knowledgeRequirement"))
    ]


def _arrow(sheet: ET.Element, requirement: str, start: Position, end: Position) -> None:
    edge = ET.SubElement(sheet, f"{{{DMNDI}}}DMNEdge", id=f"edge_{requirement}", dmnElementRef=requirement)
    for x, y in ((start[0] + WIDTH // 2, start[1]), (end[0] + WIDTH // 2, end[1] + HEIGHT)):
        ET.SubElement(edge, f"{{{DI}}}waypoint", x=str(x), y=str(y))
