"""No module of the rule language imports itself through others, however many modules the circle has."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LANGUAGE = ROOT / "policies" / "feel"


def test_no_module_imports_itself_by_way_of_others():
    """Imports inside functions and imports for the type checker alone count, too; import-linter sees only packages."""
    graph = {_name(path): set(_imported(path)) for path in LANGUAGE.rglob("*.py") if path.name != "__init__.py"}
    assert len(graph) > 50
    while free := [module for module, needed in graph.items() if not needed & graph.keys()]:
        for module in free:
            del graph[module]
    assert not graph, f"these modules import each other in a circle: {sorted(graph)}"


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
