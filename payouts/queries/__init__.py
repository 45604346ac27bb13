"""What can be asked about payouts and their money."""

from payouts.queries.reconcile import Invariants, invariants

__all__ = ["Invariants", "invariants"]
