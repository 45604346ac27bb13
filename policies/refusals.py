"""What cannot be done to a policy as things are."""

from __future__ import annotations


class Refused(Exception):
    """What cannot be done to a policy as things are; the text is a sentence for the officer."""
