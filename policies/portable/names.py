"""The names of elements in DMN and in our extension, for reading and for writing."""

from __future__ import annotations

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"
FEEL = "https://www.omg.org/spec/DMN/20230324/FEEL/"
DMNDI = "https://www.omg.org/spec/DMN/20230324/DMNDI/"
DC = "http://www.omg.org/spec/DMN/20180521/DC/"
DI = "http://www.omg.org/spec/DMN/20180521/DI/"
QINQING = "urn:qinqing:policy:1"
# The namespaces of an edition of DMN contain its date; the elements that a policy uses differ in nothing else.
EDITIONS = {"1.5": "20230324", "1.3": "20191111"}
PREFIXES = {"dmn": DMN, "dmndi": DMNDI, "dc": DC, "di": DI, "qinqing": QINQING}

# Our hit policies in DMN's terms: the hit policy and the aggregation.
HIT_POLICIES = {"U": ("UNIQUE", None), "F": ("FIRST", None), "C+": ("COLLECT", "SUM")}

ELIGIBLE, AMOUNT, LIMIT = "eligible", "amount", "portion_limit"
RESULTS = (ELIGIBLE, AMOUNT, LIMIT)
# What a dated or local parameter is asked with.
ON, DISTRICT = "on", "district"


def dmn_name(name: str) -> str:
    """A name of the standard."""
    return f"{{{DMN}}}{name}"


def extension_name(name: str) -> str:
    """A name of our extension."""
    return f"{{{QINQING}}}{name}"
