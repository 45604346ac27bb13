"""Reading policies: which are in force, who is entitled and why, and who would be."""

from policies.queries.entitled import entitlements_of, is_settled, open_entitlements, standings, unclaimed
from policies.queries.one_firm import reasons
from policies.queries.told import ClauseReason, FactShown, ItemReason, Missing, Reasons, Verdict
from policies.queries.trial import Trial, TriedReason, TriedValue, tried, tried_in_sql
from policies.queries.trial_facts import BadFacts, read_facts
from policies.queries.versions import as_of, in_force, stale_for
from policies.queries.vocabulary import WordGroup, WordShown, vocabulary
from policies.queries.whole_city import TooSlow, estimate, preview
from policies.queries.whole_city.figures import Preview

__all__ = [
    "BadFacts",
    "ClauseReason",
    "FactShown",
    "ItemReason",
    "Missing",
    "Preview",
    "Reasons",
    "TooSlow",
    "Trial",
    "TriedReason",
    "TriedValue",
    "Verdict",
    "WordGroup",
    "WordShown",
    "as_of",
    "entitlements_of",
    "estimate",
    "in_force",
    "is_settled",
    "open_entitlements",
    "preview",
    "read_facts",
    "reasons",
    "stale_for",
    "standings",
    "tried",
    "tried_in_sql",
    "unclaimed",
    "vocabulary",
]
