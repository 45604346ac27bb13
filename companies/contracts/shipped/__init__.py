"""The contracts of the datasets that ship with the platform, one file each."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def read_shipped() -> tuple[str, ...]:
    """The texts of the contracts, by the names of their files."""
    found = sorted((each.name, each) for each in files(__package__).iterdir() if each.name.endswith(".yaml"))
    return tuple(each.read_text() for _name, each in found)
