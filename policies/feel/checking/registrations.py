"""Imports every module that teaches the checker a kind of node or a built-in."""

from __future__ import annotations

from policies.feel.checking import calls, compare, lists, loops, operations, paths  # noqa: F401
from policies.feel.standard import contexts, nested, ranges, searches, structures, type_tests  # noqa: F401
