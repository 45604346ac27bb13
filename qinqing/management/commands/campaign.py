"""`manage.py campaign`: the main job from end to end on a synthetic city, with a report."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from rich.console import Console

from qinqing.demo.campaign.city_state import CityState, city_state
from qinqing.demo.campaign.course import Campaign, run
from qinqing.demo.campaign.database import current_database, database_beside, use_fresh_database
from qinqing.demo.campaign.product import forget, running_product, sole_runner
from qinqing.demo.campaign.progress import Phases, screen
from qinqing.demo.campaign.refusals import REFUSALS
from qinqing.demo.campaign.report import Report, complaints, print_table, write_json
from qinqing.demo.campaign.watch import Watch
from qinqing.demo.city.plan import CityPlan, usual_employees
from qinqing.env import IS_PRODUCTION


class Command(BaseCommand):
    """Generate, deliver, match, claim, pay, export and reconcile; fails when a proof does."""

    help = "Runs the main job from end to end on a synthetic city and reports on it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--companies", type=int, default=2000)
        parser.add_argument(
            "--employees", type=int, help="how many the city has; about 3.7 for each company unless given"
        )
        parser.add_argument(
            "--variants",
            action=BooleanOptionalAction,
            default=True,
            help="the 34 policies of the standard workload; without variants the demo's twenty",
        )
        parser.add_argument("--seed", type=int, default=1, help="another seed makes another city")
        parser.add_argument("--portal-claims", type=int, default=60, help="how many firms claim in the portal itself")
        parser.add_argument("--report", type=Path, help="where to write the report as JSON")
        parser.add_argument(
            "--here", action="store_true", help="on the database of DATABASE_URL instead of one made beside it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if IS_PRODUCTION:
            raise CommandError("A campaign fills a database with an invented city; it does not run in production.")
        console = screen()
        with translation.override("en"):
            try:
                report = self._run(_campaign(options), console, is_fresh=not options["here"])
            except REFUSALS as refused:
                raise CommandError(str(refused)) from refused
            except KeyboardInterrupt:
                raise CommandError("The campaign was interrupted; everything it started is stopped.") from None
        print_table(report, console)
        if options["report"]:
            write_json(report, options["report"])
        if wrong := complaints(report):
            raise CommandError(" ".join(wrong))

    def _run(self, campaign: Campaign, console: Console, *, is_fresh: bool) -> Report:
        database = database_beside("campaign") if is_fresh else current_database()
        with sole_runner(database=database) as folder:
            phases = Phases(console)
            with phases.phase("setup", "Preparing the database"):
                if is_fresh:
                    use_fresh_database(database)
                    forget(folder)
                call_command("migrate", interactive=False, verbosity=0)
            if city_state() == CityState.FOREIGN:
                raise CommandError("This database holds companies of its own; a campaign needs an empty one.")
            with running_product(folder=folder) as running:
                watch = Watch(running.supervisor)
                return run(campaign, addresses=running.addresses, phases=phases, watch=watch, clock=timezone.now)


def _campaign(options: dict[str, Any]) -> Campaign:
    report: Path | None = options["report"]
    if report is not None and not report.absolute().parent.is_dir():
        raise CommandError(f"There is no folder {report.absolute().parent} to write the report to.")
    if options["portal_claims"] < 0:
        raise CommandError("--portal-claims is not negative.")
    companies = options["companies"]
    employees = usual_employees(companies) if options["employees"] is None else options["employees"]
    city = CityPlan(companies=companies, employees=employees, seed=options["seed"], today=timezone.localdate())
    return Campaign(city=city, portal_claims=options["portal_claims"], has_variants=options["variants"])
