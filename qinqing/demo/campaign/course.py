"""The whole main job: from the departments' files to money in accounts, proved against the bank's books."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from companies.models import User
from payouts.banks.http import HttpBank
from payouts.banks.interface import read_interface
from payouts.controls.reconcile import invariants
from qinqing.demo.campaign.parts import Addresses
from qinqing.demo.campaign.progress import Phases
from qinqing.demo.campaign.report import Report, counts, machine, proved
from qinqing.demo.campaign.stages.arrivals import bring_into_force, deliver_city, tell_planner_of
from qinqing.demo.campaign.stages.claims import Claims, claim_all
from qinqing.demo.campaign.stages.files import export_batches
from qinqing.demo.campaign.stages.publicity import turn_past_publicity
from qinqing.demo.campaign.waits import wait_for_bank, wait_for_deliveries, wait_for_matching, wait_for_pools
from qinqing.demo.campaign.watch import Watch
from qinqing.demo.city.city import cast_codes, write_city
from qinqing.demo.city.plan import CityPlan
from qinqing.demo.payees import load_third_parties
from qinqing.demo.people import make_logins, own_companies
from qinqing.env import BANK_TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class Campaign:
    """
    The choices of a campaign.

    `portal_claims` firms claim in the portal itself. The firms of the logins in `spared` are left alone, so that
    somebody can still click for them. `has_variants` has the 34 policies of the standard workload instead of the
    demo's twenty.
    """

    city: CityPlan
    portal_claims: int
    has_variants: bool = False
    spared: tuple[str, ...] = ()


def run(
    campaign: Campaign, *, addresses: Addresses, phases: Phases, watch: Watch, clock: Callable[[], datetime]
) -> Report:
    """
    Run a campaign on the current database with the parts that are running; returns its report.

    It finishes what an earlier campaign began: each phase does what is left to do.

    Raises:
        NotDelivered, PortalRefused, MatchingStopped, Stalled, ChildDied: the campaign could not go on.
    """
    with phases.phase("start", "Starting the portal, the workers, the beat and the bank"):
        watch.ready()
    start = time.perf_counter()
    bank = HttpBank(url=addresses.bank, token=read_interface().token, timeout_seconds=BANK_TIMEOUT_SECONDS)
    users = _arrive(campaign, phases, clock)
    with phases.phase("match", "Matching companies and employees with policies") as advance:
        wait_for_deliveries(watch=watch, advance=lambda deliveries: None)
        now = clock()
        load_third_parties(maker=users["finance"], checker=users["checker"], now=now)
        bring_into_force(
            actor=users["officer"],
            publisher=users["officer2"],
            today=campaign.city.today,
            has_variants=campaign.has_variants,
            now=now,
        )
        wait_for_matching(watch=watch, advance=advance)
        wait_for_pools(watch=watch, advance=lambda pools: None, now=clock())
        tell_planner_of("policies")
    claims = _claim(campaign, addresses, phases, watch, clock)
    with phases.phase("publicise", "Turning the calendar past the days of publicity") as advance:
        turn_past_publicity(watch=watch, advance=advance, now=clock())
    with phases.phase("pay", "Paying through the bank") as advance:
        wait_for_bank(watch=watch, advance=advance)
    with phases.phase("export", "Sealing batches and writing their files") as advance:
        batches = export_batches(actor=users["finance"], watch=watch, advance=advance, clock=clock)
    with phases.phase("reconcile", "Comparing our books with the bank's"):
        proof = proved(invariants(bank_books=bank))
    phases.seconds["total"] = round(time.perf_counter() - start, 2)
    return counts(now=clock()) | {
        "batches": batches,
        "claims_through_portal": claims.through_portal,
        "without_account": claims.without_account,
        "seed": campaign.city.seed,
        "seconds": phases.seconds,
        **proof,
        "peak_rss_mb": watch.peak_mb(),
        "machine": machine(),
    }


def _arrive(campaign: Campaign, phases: Phases, clock: Callable[[], datetime]) -> dict[str, User]:
    with tempfile.TemporaryDirectory(prefix="qinqing-city-") as folder:
        with phases.phase("generate", "Writing the departments' files", total=campaign.city.companies) as advance:
            files = write_city(campaign.city, folder=Path(folder), advance=advance)
        with phases.phase("deliver", "Delivering rows", total=sum(file.rows for file in files)) as advance:
            deliver_city(files, advance=advance, now=clock())
    return make_logins(cast=cast_codes(campaign.city))


def _claim(
    campaign: Campaign, addresses: Addresses, phases: Phases, watch: Watch, clock: Callable[[], datetime]
) -> Claims:
    with phases.phase("claim", "Claiming as the firms would") as advance:
        return claim_all(
            portal=addresses.web,
            portal_claims=campaign.portal_claims,
            spared=own_companies(campaign.spared),
            watch=watch,
            advance=advance,
            clock=clock,
        )
