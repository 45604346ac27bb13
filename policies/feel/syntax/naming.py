"""Names in two languages: a rule may call a thing by its identifier or by its Chinese name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar


class Named(Protocol):
    """Something with an identifier and a Chinese name."""

    @property
    def name(self) -> str: ...

    @property
    def name_zh(self) -> str: ...


NamedThing = TypeVar("NamedThing", bound=Named)


def find_named(things: Mapping[str, NamedThing], name: str) -> NamedThing | None:
    """The thing with this identifier or, failing that, with this Chinese name."""
    return things.get(name) or next((thing for thing in things.values() if thing.name_zh == name), None)
