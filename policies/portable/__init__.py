"""A policy as one file: DMN 1.5 (or 1.3), with what DMN has no place for in one extension element."""

from policies.portable.exporting import export
from policies.portable.importing import Imported, import_policy
from policies.portable.names import EDITIONS
from policies.portable.reading import LIMIT_BYTES, UnreadablePolicy, read
from policies.portable.text import PolicyText
from policies.portable.writing import write

__all__ = [
    "EDITIONS",
    "LIMIT_BYTES",
    "Imported",
    "PolicyText",
    "UnreadablePolicy",
    "export",
    "import_policy",
    "read",
    "write",
]
