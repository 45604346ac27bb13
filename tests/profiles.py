"""Profiles of property tests: `make test` repeats the same examples, `make test-slow` searches for new ones."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, settings

REPEATABLE, SEARCH = "repeatable", "search"
# A search tries this many times the examples that `make test` repeats.
SEARCH_FACTOR = 8
HOW_TO_STORE = """\
Each failure above shows its "Failing test case". Keep it before you mend the fault, so that `make test` repeats it:
  1. Put the arguments above the test, as @example(...) below @given(...).
  2. For a history (a state machine) write the printed steps as a test of their own, beside the others.
  3. Run the test alone, without --hypothesis-profile: it must fail. Mend the fault, and leave the example in place.
`.hypothesis` keeps the failure until then: another run with --hypothesis-profile=search begins with it."""


def register_profiles() -> None:
    """
    Register both profiles and load the one that repeats; `--hypothesis-profile=search` loads the other.

    No test has a deadline, because the machine may be busy. A fixture serves all examples of a test, because each
    example leaves it unchanged.
    """
    usual = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}
    settings.register_profile(REPEATABLE, derandomize=True, database=None, **usual)
    settings.register_profile(SEARCH, max_examples=100 * SEARCH_FACTOR, print_blob=True, derandomize=False, **usual)
    settings.load_profile(REPEATABLE)


def examples(count: int) -> int:
    """The number of examples for a test that repeats `count` of them."""
    return count * (SEARCH_FACTOR if is_search() else 1)


def is_search() -> bool:
    """Whether this run searches for new examples."""
    return settings.get_current_profile_name() == SEARCH


def how_to_store(failed: Sequence[object]) -> str | None:
    """Instructions for storing what a search has found; None if it found nothing."""
    found = [report for report in failed if "hypothesis" in getattr(report, "keywords", ())]
    return HOW_TO_STORE if found and is_search() else None
