"""The roles of officials, and the table of those that exclude each other."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

# Role → its name for people; `qinqing.roles` says what each may do.
ROLE_NAMES: dict[str, Promise] = {
    "officer": pgettext_lazy("role", "policy officer"),
    "finance": pgettext_lazy("role", "finance clerk"),
    "finance_maker": pgettext_lazy("role", "finance clerk who makes batches"),
    "finance_checker": pgettext_lazy("role", "finance clerk who checks batches"),
    "finance_releaser": pgettext_lazy("role", "finance clerk who releases batches"),
    "department": pgettext_lazy("role", "department"),
    "auditor": pgettext_lazy("role", "auditor"),
    "system_administrator": pgettext_lazy("role", "system administrator"),
    "security_administrator": pgettext_lazy("role", "security administrator"),
}

# Nobody holds roles of two lines: those who decide, pay, deliver, audit and administer are different people.
LINES: tuple[tuple[str, ...], ...] = (
    ("officer",),
    ("finance", "finance_maker", "finance_checker", "finance_releaser"),
    ("department",),
    ("auditor",),
    ("system_administrator",),
    ("security_administrator",),
)
# The duties of a batch are roles of one line, and exclude each other as well.
DUTIES = ("finance_maker", "finance_checker", "finance_releaser")


def _exclusions() -> frozenset[tuple[str, str]]:
    across = {(one, other) for line, next_line in combinations(LINES, 2) for one in line for other in next_line}
    pairs = across | set(combinations(DUTIES, 2))
    return frozenset(pairs | {(other, one) for one, other in pairs})


# The table, both ways; the database reads it, too.
EXCLUSIONS = _exclusions()


def find_exclusion(roles: Iterable[str]) -> tuple[str, str] | None:
    """The first two of these roles that exclude each other; None if one person may hold all of them."""
    return next((pair for pair in combinations(sorted(roles), 2) if pair in EXCLUSIONS), None)


def role_name(role: object) -> str:
    """The name of a role for people; a role that somebody made by hand keeps its own name."""
    return str(ROLE_NAMES.get(str(role), role))
