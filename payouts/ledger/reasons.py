"""A person who stops or repeats a payment says why."""

from __future__ import annotations


class NoReason(Exception):
    """A person who stops or repeats a payment says why."""
