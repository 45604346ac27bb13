"""What every refused delivery has in common."""

from __future__ import annotations


class Refused(Exception):
    """
    A delivery that does not land; its text is one sentence for the sender: what, where, what to do.

    A lazy sentence is said in the language of the moment in which it is asked for.
    """
