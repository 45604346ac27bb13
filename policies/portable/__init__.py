"""A policy as one file: DMN 1.5 (or 1.3), with what DMN has no place for in one extension element."""

from policies.portable.export import export
from policies.portable.import_policy import Imported, import_policy
from policies.portable.names import EDITIONS
from policies.portable.read_dmn import LIMIT_BYTES, UnreadablePolicy, read
from policies.portable.text import PolicyText
from policies.portable.write_dmn import write

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
