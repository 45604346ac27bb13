"""Why something is not done: one base for every refusal, so that whoever meets one can say its sentence."""

from __future__ import annotations


class Refusal(Exception):
    """
    What cannot be done as things are; its text is one sentence for the person: what, where, what to do.

    A lazy sentence is said in the language of the moment in which it is asked for.
    """


class NotFound(Refusal):
    """There is no such thing, or it is not for this person; the sentence is the same for both."""


class NotAllowed(Refusal):
    """The person may not do this, whatever the state of things."""
