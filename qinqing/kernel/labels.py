"""Words with a key that decides their colour."""

from __future__ import annotations

from django.utils.html import escape


class Colours(dict[str, str]):
    """The theme's colours by key; for a key without a colour the theme would show the key instead of its words."""

    def __missing__(self, key: str) -> str:
        """No colour."""
        return ""


class Labelled(tuple[str, str]):
    """A key and its words: a list colours the words by the key, and a row's own page shows the words alone."""

    __slots__ = ()

    def __new__(cls, key: str, words: str) -> Labelled:
        """Join the key and its words."""
        return super().__new__(cls, (key, words))

    def __html__(self) -> str:
        """The words."""
        return escape(self[1])
