"""The base of all refusals, so that any caller can show the sentence of any of them."""

from __future__ import annotations


class Refusal(Exception):
    """
    Something cannot be done as things are; the text is one sentence for the person: what, where, what to do.

    A lazy sentence is translated when it is read, into the language that is active then.
    """


class NotFound(Refusal):
    """The thing does not exist, or this person may not see it; the sentence is the same for both."""


class NotAllowed(Refusal):
    """The person may not do this, whatever the state of things."""


class NoReason(Refusal):
    """The person gave no reason for the step."""
