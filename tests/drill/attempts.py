"""The attempts of a drill: each is an attack with a name, and the product holds or does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from qinqing.demo.campaign.stages.forms import NoSuchForm
from tests.drill.stage import Stage
from tests.drill.visitor import NotReached

# Tries an attack; true if the product held.
Attack = Callable[[Stage], bool]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attack that was tried; `trouble` says why the drill could not try it."""

    name: str
    held: bool
    trouble: str = ""


def try_attacks(attacks: Iterable[Attack], *, stage: Stage) -> list[Attempt]:
    """Try the attacks in their order, for later ones stand on the ground of earlier ones."""
    return [_try(attack, stage) for attack in attacks]


def make_report(attempts: list[Attempt]) -> dict[str, Any]:
    """The attempts as JSON has them; one that could not be tried counts as failed."""
    told = [
        {"name": each.name, "held": each.held} | ({"trouble": each.trouble} if each.trouble else {})
        for each in attempts
    ]
    return {"attempts": told, "failed": sum(not each.held for each in attempts)}


def _try(attack: Attack, stage: Stage) -> Attempt:
    name = attack.__name__
    try:
        return Attempt(name, attack(stage))
    except (NotReached, NoSuchForm, httpx.HTTPError) as trouble:
        return Attempt(name, held=False, trouble=str(trouble))
