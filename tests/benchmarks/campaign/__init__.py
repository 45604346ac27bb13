"""
The main job from the departments' files to the reconciled books, beside plain SQL that writes the same rows.

“Inside our own processes” is the processor time of everything that is ours, from the first claim to the last file of
a batch: the command, the portal, the workers, the beat, and PostgreSQL with its background processes. What the bank
works is left out; so is waiting for it. The floor is the processor time of the same PostgreSQL and of the script that
sends it the statements of `floor`. Processor time rather than the clock, because two cores work for us and one for the
floor, and because a neighbour on the machine then does less harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from django.utils import timezone
from rich.console import Console

from qinqing.demo.campaign.course import Campaign
from qinqing.demo.campaign.course import run as run_campaign
from qinqing.demo.campaign.database import current_database
from qinqing.demo.campaign.parts import WORKERS
from qinqing.demo.campaign.product import forget, running_product, sole_runner
from qinqing.demo.campaign.progress import Advance, Phases
from qinqing.demo.campaign.report import Report
from qinqing.demo.campaign.watch import Watch
from qinqing.demo.city.plan import CityPlan, usual_employees
from tests.benchmarks.campaign import floor
from tests.benchmarks.campaign.cpu import Cpu, cpu_so_far
from tests.benchmarks.city import database_of_its_own
from tests.benchmarks.parts import Measured, Ratio, Say, Size

QUESTION = "How long is a whole campaign, and how much of it is more than plain SQL writing the same rows?"
SMOKE = Size(companies=150, employees=560)
FULL = Size(companies=160_000, employees=597_000)

# The phases from the first claim to the last file.
INSIDE = ("claim", "publicise", "pay", "export")
LARGEST_WORKER_MB = 300
LONGEST_MINUTES = 10
_PORTAL_CLAIMS = 60


@dataclass(frozen=True, slots=True)
class MeasuredCampaign:
    """A campaign with its report, and the processor time of its phases by name."""

    report: Report
    cpu: dict[str, Cpu]

    @property
    def inside(self) -> Cpu:
        """The processor time from the first claim to the last file."""
        return sum((self.cpu[name] for name in INSIDE), Cpu())

    @property
    def inside_seconds(self) -> float:
        """The time by the clock from the first claim to the last file, with waiting for the bank."""
        return sum(self.report["seconds"][name] for name in INSIDE)


class _MeteredPhases(Phases):
    """Phases that also measure processor time."""

    def __init__(self, console: Console, meter: Callable[[], Cpu]) -> None:
        super().__init__(console)
        self.cpu: dict[str, Cpu] = {}
        self._meter = meter

    @contextmanager
    def phase(self, name: str, words: str, *, total: int | None = None) -> Iterator[Advance]:
        """Show one phase, and measure it."""
        before = self._meter()
        with super().phase(name, words, total=total) as advance:
            yield advance
        self.cpu[name] = self._meter() - before


def run(*, size: Size, say: Say) -> Measured:
    """Run a campaign on a database of its own, then write its rows again by plain SQL."""
    with database_of_its_own():
        ran = campaign_of(size)
        say(f"{ran.report['paid']:,} payouts paid; now the floor")
        bare, rows = floor.write_again(), floor.rows()
    ours = _measured_numbers(ran) | {"rows": rows}
    theirs = {"seconds": bare.seconds, "cpu_seconds": bare.cpu.own_seconds, "rows": rows}
    return Measured(
        contenders={"campaign": ours, "plain SQL": theirs},
        ratios=_ratios(ran, bare),
        agrees=not bare.differing and _is_proved(ran.report),
        remarks=(*_remarks(ran), *(f"{table} differ from the floor's." for table in bare.differing)),
    )


def campaign_of(size: Size) -> MeasuredCampaign:
    """Run a campaign of this size on the current, empty database, with the whole product running."""
    employees = usual_employees(size.companies) if size.employees is None else size.employees
    city = CityPlan(companies=size.companies, employees=employees, seed=1, today=timezone.localdate())
    campaign = Campaign(city=city, portal_claims=min(_PORTAL_CLAIMS, size.companies // 10), has_variants=True)
    with sole_runner(database=current_database()) as folder:
        forget(folder)
        with running_product(folder=folder) as running:
            watch = Watch(running.supervisor)
            phases = _MeteredPhases(Console(), lambda: cpu_so_far(parts=running.supervisor.pids()))
            report = run_campaign(campaign, addresses=running.addresses, phases=phases, watch=watch, clock=timezone.now)
    return MeasuredCampaign(report, phases.cpu)


def _ratios(ran: MeasuredCampaign, bare: floor.Floor) -> tuple[Ratio, ...]:
    report = ran.report
    memory = max(report["peak_rss_mb"][worker] for worker in WORKERS)
    return (
        Ratio(
            "Our own processes from the first claim to the last file, in processor time of plain SQL for the same rows",
            ran.inside.own_seconds / bare.cpu.own_seconds,
            at_most=2,
        ),
        Ratio(
            f"Minutes from the departments' files of {report['companies']:,} firms to the reconciled books",
            # Departments write the files, not the platform.
            (report["seconds"]["total"] - report["seconds"]["generate"]) / 60,
            at_most=LONGEST_MINUTES,
        ),
        Ratio(f"The largest worker's memory in {LARGEST_WORKER_MB} MB", memory / LARGEST_WORKER_MB, at_most=1),
    )


def _measured_numbers(ran: MeasuredCampaign) -> dict[str, Any]:
    report = ran.report
    counted = ("policies", "companies", "employees", "entitlements", "claims", "payouts", "paid", "batches")
    return {
        **{name: report[name] for name in counted},
        **{f"{name}_seconds": seconds for name, seconds in report["seconds"].items()},
        "cpu_seconds": ran.inside.own_seconds,
        **asdict(ran.inside),
        "payouts_per_second": report["payouts"] / ran.inside_seconds,
        "peak_rss_mb": report["peak_rss_mb"],
        "invariants": report["invariants"],
    }


def _is_proved(report: Report) -> bool:
    wanted = {"books_balance": True, "bank_agrees": True, "double_payments": 0, "lost": 0}
    return report["invariants"] == wanted and report["paid"] == report["payouts"] - report["waitlisted"]


def _remarks(ran: MeasuredCampaign) -> tuple[str, ...]:
    inside = ran.inside
    return (
        "“Our own processes” are the command, the portal, the workers, the beat and PostgreSQL"
        f" ({inside.python_seconds:.0f} s of Python, {inside.postgresql_seconds:.0f} s of PostgreSQL);"
        f" the bank's {inside.bank_seconds:.0f} s are not counted.",
        "The floor has the same indexes and checks, foreign keys also where triggers of ours prove by set what a key"
        " would, moves each payout through the same states, and has no triggers: it proves nothing else, asks no bank"
        " and writes no files, but copies what the campaign wrote.",
    )
