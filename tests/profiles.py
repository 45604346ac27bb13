"""How property tests look for examples: for the same ones in `make test`, for more and new ones in `make test-slow`."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, settings

REPEATABLE, SEARCH = "repeatable", "search"
# A search tries so many times the examples that `make test` repeats.
SEARCH_FACTOR = 8
HOW_TO_STORE = """\
Each failure above shows its "Failing test case". Keep it before you mend the fault, so that `make test` repeats it:
  1. Put the arguments above the test, as @example(...) below @given(...).
  2. For a history (a state machine) write the printed steps as a test of their own, beside the others.
  3. Run the test alone, without --hypothesis-profile: it must fail. Mend the fault, and leave the example in place.
`.hypothesis` keeps the failure until then: another run with --hypothesis-profile=search begins with it."""


def register_profiles() -> None:
    """
    Make both profiles known and load the repeatable one; `--hypothesis-profile=search` loads the other.

    No test has a deadline, for the machine may be busy, and a fixture that lives as long as its test serves all
    examples: each example of ours leaves it as it was.
    """
    usual = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}
    settings.register_profile(REPEATABLE, derandomize=True, database=None, **usual)
    settings.register_profile(SEARCH, max_examples=100 * SEARCH_FACTOR, print_blob=True, derandomize=False, **usual)
    settings.load_profile(REPEATABLE)


def examples(count: int) -> int:
    """How many examples a test tries that is repeated with `count` of them."""
    return count * (SEARCH_FACTOR if is_search() else 1)


def is_search() -> bool:
    """Whether this run looks for new examples."""
    return settings.get_current_profile_name() == SEARCH


def how_to_store(failed: Sequence[object]) -> str | None:
    """What to do with what a search has found; None where it found nothing."""
    found = [report for report in failed if "hypothesis" in getattr(report, "keywords", ())]
    return HOW_TO_STORE if found and is_search() else None
