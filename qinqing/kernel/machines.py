"""State machines of django-fsm, declared from a table of moves; pages and operations ask which moves are allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django_fsm import transition


def declare_transition(
    name: str, *, before: Iterable[str], after: str, permits: Callable[[str, str], bool]
) -> Callable[[Any], None]:
    """
    The transition to a state, as django-fsm reads it from a method of the model.

    `permits` says, given the state before, whether a role may make it. The method changes the instance only; stored
    rows are moved in sets, by an operation that asked `reachable` first.
    """

    def change(_instance: Any) -> None:
        pass

    change.__name__ = change.__qualname__ = name
    change.__doc__ = f"Declared for the machine to answer: what leads to {after}."
    declared: Callable[[Any], None] = transition(
        field="status",
        source=list(before),
        target=after,
        permission=lambda instance, role: permits(instance.status, role),
    )(change)
    return declared


@cache
def reachable(model: Any, before: str, role: str) -> frozenset[str]:
    """The states to which somebody of this role may move what stands in `before`, as the model's machine says."""
    standing = model(status=before)
    return frozenset(each.target for each in standing.get_available_user_status_transitions(role))


@cache
def sources(model: Any, after: str, role: str) -> tuple[str, ...]:
    """The states from which somebody of this role may move something to `after`, as the model's machine says."""
    declared = {each.source for each in model().get_all_status_transitions() if each.target == after}
    return tuple(sorted(before for before in declared if after in reachable(model, before, role)))
