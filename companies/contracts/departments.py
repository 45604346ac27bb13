"""The names of the departments, as the register of this process knows them."""

from __future__ import annotations

from collections.abc import Mapping

from companies.contracts.registry import current_register, kept_by_revision
from companies.datasets.departments import PLATFORM
from qinqing.kernel.text import Bilingual


def offices() -> Mapping[str, Bilingual]:
    """The departments that are in charge of policies and deliver data, by their codes."""
    return current_register().offices


@kept_by_revision
def departments() -> Mapping[str, Bilingual]:
    """All sources of facts: the departments, and the platform itself."""
    code, name = PLATFORM
    return {**offices(), code: name}


def department_name(code: str) -> Bilingual:
    """The name of a department; an unknown department is named by its code."""
    return departments().get(code, Bilingual(code, code))
