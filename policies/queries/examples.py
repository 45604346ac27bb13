"""The examples of a version: facts of somebody made up, what the officer expects, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from policies.models import Example, ExpectedVerdict, PolicyVersion
from policies.queries.trial import Trial, TriedReason, tried, tried_in_sql
from policies.queries.trial_facts import BadFacts

VERDICTS = {True: ExpectedVerdict.ELIGIBLE, False: ExpectedVerdict.INELIGIBLE, None: ExpectedVerdict.UNKNOWN}


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """
    One example tried by both engines.

    `found` and `found_cny` are what came out, in yuan; None when the facts cannot be read or the engines do not agree,
    and then `sentence` says so. `sentence` says what is wrong, and is empty for an example that passes.
    """

    example: Example
    found: ExpectedVerdict | None
    found_cny: Decimal | None
    reasons: tuple[TriedReason, ...]
    sentence: str

    @property
    def passes(self) -> bool:
        """Whether what came out is what the officer expects."""
        return not self.sentence


def example_results(*, version: PolicyVersion) -> tuple[ExampleResult, ...]:
    """
    Try every example of a version, in their order.

    Raises:
        RuleRefused: a rule of the version does not check.
    """
    return tuple(_result(example, version) for example in version.examples.order_by("position"))


def _result(example: Example, version: PolicyVersion) -> ExampleResult:
    try:
        trial, in_sql = (engine(version=version, facts=example.facts) for engine in (tried, tried_in_sql))
    except BadFacts as refused:
        return ExampleResult(example, None, None, (), str(refused))
    if (trial.verdict, trial.amount_cny) != (in_sql.verdict, in_sql.amount_cny):
        return ExampleResult(
            example, None, None, trial.reasons, _("The two engines do not agree; tell the developers.")
        )
    return ExampleResult(
        example, VERDICTS[trial.verdict], trial.amount_cny, trial.reasons, _what_is_wrong(example, trial)
    )


def _what_is_wrong(example: Example, trial: Trial) -> str:
    expected, found = ExpectedVerdict(example.expected_verdict), VERDICTS[trial.verdict]
    if expected != found:
        return _("Expected “%(expected)s”, but it is “%(found)s”: %(why)s") % {
            "expected": expected.label,
            "found": found.label,
            "why": _why(trial),
        }
    if example.expected_cny is not None and example.expected_cny != trial.amount_cny:
        return _("Expected ¥%(expected)s, but it comes to ¥%(found)s.") % {
            "expected": _yuan(example.expected_cny),
            "found": _yuan(trial.amount_cny),
        }
    return ""


def _why(trial: Trial) -> str:
    deciding = [reason for reason in trial.reasons if reason.verdict is trial.verdict] or list(trial.reasons)
    return f"{deciding[0].title}. {deciding[0].sentence}" if trial.verdict is not True else trial.reasons[-1].sentence


def _yuan(amount_cny: Decimal | None) -> str:
    return number_format(amount_cny or Decimal(0), decimal_pos=2, force_grouping=True)
