"""Reading policies: which are in force, who is entitled and why, and who would be."""

from policies.queries.entitled import entitlements_of, is_settled, open_count, open_entitlements
from policies.queries.one_firm import ClauseReason, FactShown, ItemReason, Missing, Reasons, Verdict, reasons
from policies.queries.versions import as_of, in_force, stale_for
from policies.queries.vocabulary import WordGroup, WordShown, vocabulary
from policies.queries.whole_city import TooSlow, estimate, preview
from policies.queries.whole_city.figures import Preview

__all__ = [
    "ClauseReason",
    "FactShown",
    "ItemReason",
    "Missing",
    "Preview",
    "Reasons",
    "TooSlow",
    "Verdict",
    "WordGroup",
    "WordShown",
    "as_of",
    "entitlements_of",
    "estimate",
    "in_force",
    "is_settled",
    "open_count",
    "open_entitlements",
    "preview",
    "reasons",
    "stale_for",
    "vocabulary",
]
