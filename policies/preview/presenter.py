"""Presents the figures of a preview on a page: codes by their names, and the lengths of bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from companies.classifications.industries import SECTIONS
from companies.classifications.size_classes import Size
from companies.models import District
from policies.explain.evidence import label_of, value_in_words
from policies.explain.rule_words import in_words
from policies.feel.terms import Expression
from policies.models import PolicyVersion
from policies.preview.figures import Preview, Sample, Segment, StepCounts, Unpayable
from policies.rules.rules import checked_rules_of
from policies.rules.versions import dataset_source
from qinqing.kernel.text import Bilingual, mask

# A drawing is a hundred units wide, so that its numbers are per cent; a value above zero is always visible.
FULL, LEAST = 100.0, 0.6


@dataclass(frozen=True, slots=True)
class Bar:
    """A segment of the city with its name; `size` is its length in per cent of the largest sum."""

    label: str
    count: int
    firm_count: int
    total_cny: Decimal
    size: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The segments of the city by one criterion."""

    name: str
    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """
    A step of the funnel. `kept` is the bar of the rows that it leaves; `removed` and `unsure` are the bars of the rows
    that it removes because it is false or unknown, in per cent of all rows.
    """

    number: int | None
    title: str
    in_words: str
    step: StepCounts
    kept: float
    removed: float
    unsure: float

    @property
    def unsure_from(self) -> float:
        """Where the bar of unknown rows begins."""
        return round(self.kept + self.removed, 2)


@dataclass(frozen=True, slots=True)
class MissingDataset:
    """A dataset whose absence leaves rows undecided."""

    dataset: Bilingual
    department: Bilingual
    count: int
    is_stale: bool


@dataclass(frozen=True, slots=True)
class SampleFact:
    """A fact of a sample row in words."""

    label: str
    value: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class SampleInWords:
    """A sample row in words; `clauses` pairs the title of each clause with its verdict."""

    firm: str
    credit_code: str
    where: str
    person: str
    period: str
    verdict: bool | None
    nearly: bool
    amount_cny: Decimal | None
    clauses: tuple[tuple[str, bool | None], ...]
    facts: tuple[SampleFact, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """
    A preview in words.

    `cost_share` is the cost in per cent of the money granted, None if none is granted; `cost_bar` is the same, at most
    100.
    """

    preview: Preview
    cost_share: Decimal | None
    cost_bar: float
    steps: tuple[FunnelStep, ...]
    charts: tuple[Chart, ...]
    wanted: tuple[MissingDataset, ...]
    samples: tuple[SampleInWords, ...]
    shown: str
    unpayable: tuple[str, ...]


def forecast(*, version: PolicyVersion, preview: Preview, names_firms: bool) -> Forecast:
    """
    Put a preview into words; for officers who may not see firms (`names_firms` is false), names are masked.

    Raises:
        RuleRefused: a rule of the version does not check any more.
    """
    districts = {district.code: Bilingual(district.name_zh, district.name_en) for district in District.objects.all()}
    share = preview.total_cny / version.granted_cny * 100 if version.granted_cny else None
    titles = [str(clause.title) for clause in version.clauses.order_by("position")]
    return Forecast(
        preview=preview,
        cost_share=share,
        cost_bar=_bar(float(share), FULL) if share is not None else FULL,
        steps=_steps(version, preview, titles),
        charts=(
            Chart("district", _("By district"), _bars(preview.parts.district, districts)),
            Chart("industry", _("By industry"), _bars(preview.parts.industry, SECTIONS)),
            Chart("size", _("By size"), _bars(preview.parts.size, dict(Size.choices))),
        ),
        wanted=tuple(
            MissingDataset(*dataset_source(dataset=one.dataset), one.count, one.is_stale) for one in preview.unknown_for
        ),
        samples=tuple(_sample(one, titles, version.subject, districts, names_firms) for one in preview.samples),
        shown=_shown(preview),
        unpayable=tuple(_unpayable(preview.unpayable)) if preview.unpayable else (),
    )


def _unpayable(unpayable: Unpayable) -> Iterable[str]:
    """Say whose money would wait for a third party's account, and what officers can do."""
    if unpayable.payees:
        rest = unpayable.payees - len(unpayable.codes)
        more = _(" and %(count)d more") % {"count": rest} if rest else ""
        yield _(
            "%(count)d of the entitled would wait: the third party that is paid for them has no account in use"
            " (%(codes)s%(more)s). Have the finance office enter it under third-party payees and a second clerk check"
            " it; nothing is lost meanwhile."
        ) % {"count": unpayable.count - unpayable.unnamed, "codes": ", ".join(unpayable.codes), "more": more}
    if unpayable.unnamed:
        yield _(
            "%(count)d of the entitled would wait: the data does not say which third party is paid for them. Have the"
            " department deliver its credit code."
        ) % {"count": unpayable.unnamed}


def _shown(preview: Preview) -> str:
    """Say how many rows of each kind are shown, of how many there are."""
    samples = preview.samples
    return _(
        "Shown are %(eligible)d of %(all_eligible)d eligible, %(nearly)d of %(all_nearly)d that fail one condition"
        " alone, and %(unknown)d of %(all_unknown)d unknown."
    ) % {
        "eligible": sum(one.verdict is True for one in samples),
        "all_eligible": preview.count,
        "nearly": sum(one.nearly for one in samples),
        "all_nearly": sum(step.nearly for step in preview.steps),
        "unknown": sum(one.verdict is None for one in samples),
        "all_unknown": preview.unknown,
    }


def _bar(value: float, whole: float) -> float:
    return round(min(max(value / whole * FULL, LEAST if value else 0.0), FULL), 2) if whole else 0.0


def _bars(parts: Sequence[Segment], names: Mapping[str, object]) -> tuple[Bar, ...]:
    largest = float(max((part.total_cny for part in parts), default=Decimal(0)))
    return tuple(
        Bar(
            label=str(names.get(part.key) or part.key or _("not known")),
            count=part.count,
            firm_count=part.firm_count,
            total_cny=part.total_cny,
            size=_bar(float(part.total_cny), largest),
        )
        for part in parts
    )


def _steps(version: PolicyVersion, preview: Preview, titles: Sequence[str]) -> tuple[FunnelStep, ...]:
    rules = checked_rules_of(version)
    steps: list[Expression] = [*rules.clauses, rules.amount]
    return tuple(
        FunnelStep(
            number=step.number,
            title=titles[step.number - 1] if step.number else _("There is something to pay"),
            in_words=str(in_words(rule)),
            step=step,
            kept=_bar(step.left, preview.rows),
            removed=_bar(step.failed, preview.rows),
            unsure=_bar(step.unknown, preview.rows),
        )
        for step, rule in zip(preview.steps, steps, strict=True)
    )


def _sample(
    sample: Sample,
    titles: Sequence[str],
    subject: str,
    districts: Mapping[str, Bilingual],
    names_firms: bool,  # noqa: FBT001
) -> SampleInWords:
    return SampleInWords(
        firm=sample.firm if names_firms else mask(sample.firm),
        credit_code=sample.credit_code if names_firms else mask(sample.credit_code),
        where=str(districts.get(sample.district, "")),
        person=sample.person,
        period=sample.period,
        verdict=sample.verdict,
        nearly=sample.nearly,
        amount_cny=sample.amount_cny,
        clauses=tuple(zip(titles, sample.clauses, strict=True)),
        facts=tuple(
            SampleFact(label_of(path=path, subject=subject), value_in_words(path=path, value=value), value is None)
            for path, value in sample.facts.items()
        ),
    )
