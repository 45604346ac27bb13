"""The content of a portable policy; files are written from it and read into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.authoring.parts import ClauseText, ExampleText, ParameterText, TableText


@dataclass(frozen=True, slots=True)
class NamedText:
    """A named clause of the library."""

    name: str
    name_zh: str
    title_zh: str
    title_en: str
    feel: str


@dataclass(frozen=True, slots=True)
class GroupText:
    """A stacking group that the policy belongs to; `pays_difference` and `cap_cny` as texts, "" for no and none."""

    code: str
    title_zh: str
    title_en: str
    rule: str
    holder: str
    span: str
    pays_difference: str
    cap_cny: str


@dataclass(frozen=True, slots=True)
class PolicyText:
    """
    A policy and one version of it.

    `header` are the fields of the policy, `fields` those of the version beside its parts and rules, by the names of
    the models and as texts; money in yuan, days in ISO form, "" for none.
    """

    header: Mapping[str, str]
    fields: Mapping[str, str]
    clauses: tuple[ClauseText, ...]
    amount: str
    # The rule for the upper limit of a portion of a pool; "" for no limit.
    limit: str = ""
    named: tuple[NamedText, ...] = ()
    parameters: tuple[ParameterText, ...] = ()
    tables: tuple[TableText, ...] = ()
    examples: tuple[ExampleText, ...] = ()
    groups: tuple[GroupText, ...] = ()
