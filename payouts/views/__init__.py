"""What a firm can claim and what became of it, and the public list."""

from payouts.views.portal import claim_progress, claims, entitlement, firm, firms, history_as_file, receipt
from payouts.views.publicity import objection, publicity
from payouts.views.recovery import recovery

__all__ = [
    "claim_progress",
    "claims",
    "entitlement",
    "firm",
    "firms",
    "history_as_file",
    "objection",
    "publicity",
    "receipt",
    "recovery",
]
