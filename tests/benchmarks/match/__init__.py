"""From stored facts to durable entitlements: ours beside SQL written by hand, and beside other engines of rules."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from django.utils import timezone

from companies.firms.queries import freshness
from companies.models import Company
from policies.matching.run import ask_for_runs
from policies.models import MatchRun, PolicyVersion
from policies.rules.rules import checked_rules_of
from tests.benchmarks.city import BenchCity, bench_city
from tests.benchmarks.match import declared, facts, loop, plain, tables
from tests.benchmarks.match.workers import PROCESSES, in_processes, match_everything
from tests.benchmarks.parts import Measured, Ratio, Say, Size
from tests.benchmarks.processors import Spent

QUESTION = "From stored facts to durable entitlements, 34 policies: how near to the best SQL, how far ahead of others?"
SMOKE = Size(companies=300)
FULL = Size(companies=1_000_000)

# Contenders that decide one firm at a time are timed on so many firms; the time of the city follows from that.
_SAMPLE = 2_000
# Times of the same code on the same city differ by up to a quarter, more than growth may cost; so the best of several
# counts.
_TRIES = 3
_HEAVIEST_FIRST = ("P-01", "P-14", "P-37", "P-14-2023", "P-36", "P-16", "P-16-2021")


def run(*, size: Size, say: Say) -> Measured:
    """Measure each contender on the same city; each writes to a table with the same indexes and promises."""
    with bench_city(companies=size.companies, employees=size.employees, say=say) as city:
        versions = city.publish()
        contest = Contest(city, versions, say)
        contest.ours()
        contest.by_hand()
        contest.others()
        contest.declared()
        return contest.measured()


def ours_alone(city: BenchCity) -> tuple[Spent, int]:
    """The best time of a few tries for all 34 policies, and the number of entitlements."""
    versions = city.publish()
    tries = [in_processes(match_everything, range(PROCESSES))]
    while len(tries) < _TRIES and tables.empty(tables.OURS):
        ask_for_runs(versions=versions, now=timezone.now())
        tries.append(in_processes(match_everything, range(PROCESSES)))
    return min(tries, key=lambda spent: spent.seconds), tables.count_entitlements(tables.OURS, versions)[0]


class Contest:
    """The contenders on one city, and their times."""

    def __init__(self, city: BenchCity, versions: Sequence[PolicyVersion], say: Say) -> None:
        self._city, self._say = city, say
        self._all = list(versions)
        self._six = [version for version in versions if version.policy.code in facts.CODES]
        self._rest = [version for version in versions if version not in self._six]
        self._numbers: dict[str, dict[str, Any]] = {}
        self._different: dict[str, int] = {}
        self._remarks: list[str] = []
        self._declared: declared.Compared | None = None

    def ours(self) -> None:
        """Time our own matching: the six policies that every contender decides, then the rest."""
        MatchRun.objects.filter(version__in=self._rest).update(finished_at=timezone.now())
        six = in_processes(match_everything, range(PROCESSES))
        ask_for_runs(versions=self._rest, now=timezone.now())
        rest = in_processes(match_everything, range(PROCESSES))
        self._note("ours", self._all, tables.OURS, six + rest)
        self._note("ours, six policies", self._six, tables.OURS, six)
        stopped = MatchRun.objects.exclude(refusal="").values_list("refusal", flat=True)
        assert not stopped, list(stopped)

    def by_hand(self) -> None:
        """Time contender (a), in the same two portions."""
        tables.make_like_ours(plain.TABLE)
        six = in_processes(plain.decide, _heaviest_first(self._six))
        rest = in_processes(plain.decide, _heaviest_first(self._rest))
        self._note("(a) SQL by hand", self._all, plain.TABLE, six + rest)
        self._note("(a) SQL by hand, six policies", self._six, plain.TABLE, six)
        self._different["(a)"] = tables.count_differences(plain.TABLE, self._all, with_evidence=True)
        tables.drop(plain.TABLE)

    def others(self) -> None:
        """Time contenders (b), (c) and (d) on the six policies."""
        sources = {version.policy.code: _sources(version) for version in self._six}
        if importlib.util.find_spec("openfisca_core"):
            self._vectorised(sources)
        if importlib.util.find_spec("zen"):
            from tests.benchmarks.match import records

            self._one_by_one("(c) zen-engine", records.decide, records.TABLE, sources)
        self._one_by_one("(d) Django ORM", loop.decide, loop.TABLE, sources)

    def declared(self) -> None:
        """Time three rules over datasets that ship and over declared copies of them."""
        self._declared = found = declared.compare(self._city, self._say)
        for name, spent in (("shipped", found.shipped), ("declared", found.declared)):
            self._numbers[f"ours, three rules over {name} datasets"] = {
                "median_seconds": round(median(each.seconds for each in spent), 2),
                "median_processor_seconds": round(median(each.processor_seconds for each in spent), 2),
                "rounds_seconds": [round(each.seconds, 2) for each in spent],
                "entitlements": found.entitlements,
            }
        self._different["a declared dataset"] = found.different

    def _vectorised(self, sources: Mapping[str, Any]) -> None:
        from tests.benchmarks.match import vectorised

        tables.make_like_ours(vectorised.TABLE)
        ids = list(Company.objects.order_by("pk").values_list("pk", flat=True))
        half = len(ids) // 2
        halves = [(ids[0], ids[half - 1]), (ids[half], ids[-1])]
        work = [(first, last, tuple(self._six), sources) for first, last in halves]
        self._note("(b) OpenFisca, six policies", self._six, vectorised.TABLE, in_processes(vectorised.decide, work))
        self._different["(b)"] = tables.count_differences(vectorised.TABLE, self._six, with_evidence=False)
        tables.drop(vectorised.TABLE)

    def _one_by_one(self, name: str, decide: Any, table: str, sources: Mapping[str, Any]) -> None:
        tables.make_like_ours(table)
        everybody = list(Company.objects.order_by("pk").values_list("pk", flat=True))
        step = max(len(everybody) // _SAMPLE, 1)
        sample = everybody[::step][:_SAMPLE]
        versions = {version.policy.code: version for version in self._six}
        work = [(sample[start::PROCESSES], versions, sources) for start in range(PROCESSES)]
        spent = in_processes(decide, work)
        share = len(everybody) / len(sample)
        whole = Spent(spent.seconds * share, spent.processor_seconds * share)
        self._note(f"{name}, six policies", self._six, table, whole)
        self._numbers[f"{name}, six policies"]["timed_companies"] = len(sample)
        self._remarks.append(
            f"{name}: timed for {len(sample):,} companies in {spent.seconds:.1f} s, extrapolated to the city."
        )
        self._different[name[:3]] = tables.count_differences(table, self._six, with_evidence=False, companies=sample)
        tables.drop(table)

    def _note(self, name: str, versions: Sequence[PolicyVersion], table: str, spent: Spent) -> None:
        count, cny = tables.count_entitlements(table, versions)
        self._numbers[name] = {
            "seconds": round(spent.seconds, 2),
            "processor_seconds": round(spent.processor_seconds, 2),
            "entitlements": count,
            "cny": cny,
            "microseconds_per_company_and_policy": round(spent.seconds * 1e6 / self._city.companies / len(versions), 3),
        }
        self._say(f"{name}: {count:,} entitlements in {spent.seconds:.1f} s")

    def measured(self) -> Measured:
        """The ratios, and whether all contenders had the same verdicts."""
        wrong = [f"{name}: {count:,} verdicts differ from ours." for name, count in self._different.items() if count]
        return Measured(
            contenders=self._numbers,
            ratios=tuple(self._ratios()),
            agrees=not wrong,
            remarks=(*wrong, *self._remarks, *self._about()),
        )

    def _ratios(self) -> Iterable[Ratio]:
        yield Ratio("ours ÷ SQL by hand, 34 policies", self._times("ours", "(a) SQL by hand"), at_most=1.3)
        hand = [self._numbers[name]["processor_seconds"] for name in ("ours", "(a) SQL by hand")]
        yield Ratio("the same in processor time", hand[0] / max(hand[1], 0.01), at_most=1.3)
        six = "ours, six policies"
        yield Ratio("ours ÷ SQL by hand, six policies", self._times(six, "(a) SQL by hand, six policies"))
        for name, target in (("(b) OpenFisca", 3.0), ("(c) zen-engine", 100.0), ("(d) Django ORM", None)):
            if f"{name}, six policies" in self._numbers:
                sentence = f"{name[4:]} ÷ ours, six policies"
                yield Ratio(sentence, self._times(f"{name}, six policies", six), at_least=target)
        if self._declared:
            sentence = f"over declared datasets ÷ over those that ship, median of {declared.ROUNDS}"
            yield Ratio(sentence, self._declared.ratio("seconds"), at_most=1.1)
            yield Ratio("the same in processor time", self._declared.ratio("processor_seconds"), at_most=1.1)

    def _times(self, one: str, other: str) -> float:
        return float(self._numbers[one]["seconds"] / max(self._numbers[other]["seconds"], 0.01))

    def _about(self) -> tuple[str, ...]:
        six = ", ".join(facts.CODES)
        return (
            f"{self._city.rows:,} rows of datasets, {self._city.gigabytes:.1f} GB with all that was written.",
            f"Each contender ran in {PROCESSES} processes.",
            f"The six policies of all contenders: {six}.",
            "(a) agrees in every column, evidence included; the others in all but the evidence.",
        )


def _heaviest_first(versions: Sequence[PolicyVersion]) -> list[PolicyVersion]:
    """The versions in an order in which two processes end at about the same time."""
    known = {code: place for place, code in enumerate(_HEAVIEST_FIRST)}
    return sorted(versions, key=lambda version: known.get(version.policy.code, len(known)))


def _sources(version: PolicyVersion) -> dict[str, dict[str, str]]:
    delivered = freshness()
    return {
        mention.dataset: {"department": mention.department, "as_of": str(delivered.get(mention.dataset, ""))}
        for mention in checked_rules_of(version).mentions
        if mention.dataset
    }
