"""`manage.py demo`: the whole product on this machine, with a city to try it on."""

from __future__ import annotations

import os
import time
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from rich.console import Console
from rich.table import Table

from companies.models import Company, User
from qinqing import messages
from qinqing.demo.banks import load_banks
from qinqing.demo.campaign.city_state import CityState, city_state
from qinqing.demo.campaign.course import Campaign, run
from qinqing.demo.campaign.database import current_database
from qinqing.demo.campaign.parts import REGISTER, Addresses
from qinqing.demo.campaign.product import Running, forget, running_product, sole_runner
from qinqing.demo.campaign.progress import Phases, screen
from qinqing.demo.campaign.refusals import REFUSALS
from qinqing.demo.campaign.report import complaints, print_table
from qinqing.demo.campaign.watch import Watch
from qinqing.demo.city.city import cast_codes
from qinqing.demo.city.plan import CityPlan, usual_employees
from qinqing.demo.factors import make_factors
from qinqing.demo.identities import DOES, list_persons
from qinqing.demo.people import DEMO_PASSWORD, LOGINS
from qinqing.env import IS_PRODUCTION
from qinqing.identity_provider.register import write_register
from qinqing.services.supervisor import responds_at

_SEED, _PORTAL_CLAIMS = 1, 12
PAGES = {
    "portal": "/",
    "sign in": "/sign-in/",
    "admin": "/admin/",
    "cockpit": "/cockpit/",
    "API schema": "/api/v1/schema/",
}


_FACTORS = (
    "Officials are asked for a code after the password: “.venv/bin/python manage.py code officer” prints it."
    " Owners set up a passkey or an app at /second-factor/."
)


class Command(BaseCommand):
    """Migrate, load the city once, serve all parts until Ctrl-C."""

    help = "Runs the whole product on this machine with a synthetic city, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--companies", type=int, default=300, help="the size of the city, when there is none yet")
        parser.add_argument("--once", action="store_true", help="stop once every address has answered")

    def handle(self, *args: Any, **options: Any) -> None:
        if IS_PRODUCTION:
            raise CommandError("The demo has logins with a published password; it does not run in production.")
        console = screen()
        with translation.override("en"):
            try:
                self._serve(console, companies=max(options["companies"], 1), is_once=options["once"])
            except REFUSALS as refused:
                raise CommandError(str(refused)) from refused
            except KeyboardInterrupt:
                console.print("Stopped.")

    def _serve(self, console: Console, *, companies: int, is_once: bool) -> None:
        with sole_runner(database=current_database()) as folder:
            call_command("migrate", interactive=False, verbosity=0)
            messages.compile_translations()
            state = city_state()
            if state == CityState.FOREIGN:
                raise CommandError("The database of DATABASE_URL holds companies of its own; name an empty one.")
            if state == CityState.EMPTY:
                forget(folder)
            # Officials prove who they are here as they have to in production.
            os.environ.setdefault("QINQING_SECOND_FACTOR", "required")
            with running_product(folder=folder, has_identity=True) as running:
                if state == CityState.WHOLE:
                    console.print("The demo city is already here; serving it.")
                else:
                    _load(companies, running, console)
                make_factors()
                write_register(folder / REGISTER, list_persons(cast=_cast()))
                running.supervisor.wait_until_ready()
                _print_guide(running.addresses, console)
                if is_once:
                    _visit(running.addresses, console)
                else:
                    _watch(running)


def _cast() -> list[str]:
    """The city's cast that the database holds, in the order of its places."""
    return [code for code in cast_codes(_plan(1)) if Company.objects.filter(credit_code=code).exists()]


def _plan(companies: int) -> CityPlan:
    today = timezone.localdate()
    return CityPlan(companies=companies, employees=usual_employees(companies), seed=_SEED, today=today)


def _watch(running: Running) -> NoReturn:
    while True:
        running.supervisor.check()
        time.sleep(1)


def _load(companies: int, running: Running, console: Console) -> None:
    city = _plan(companies)
    # The owners among the demo's logins keep their claims, so that visitors can click for themselves.
    owners = tuple(login.username for login in LOGINS if login.firms)
    campaign = Campaign(city=city, portal_claims=_PORTAL_CLAIMS, spared=owners)
    watch = Watch(running.supervisor)
    report = run(campaign, addresses=running.addresses, phases=Phases(console), watch=watch, clock=timezone.now)
    clerks = (User.objects.get(username=name) for name in ("finance", "clerk"))
    load_banks(**dict(zip(("proposer", "confirmer"), clerks, strict=True)), now=timezone.now())
    print_table(report, console)
    if wrong := complaints(report):
        raise CommandError(" ".join(wrong))


def _print_guide(addresses: Addresses, console: Console) -> None:
    table = Table("login", "password", "who", title="Who can sign in")
    for login in LOGINS:
        table.add_row(login.username, DEMO_PASSWORD, f"{login.name} {login.does}")
    console.print(table)
    persons = Table("person", "who", title="Who can sign in by the city’s identity (simulated)")
    for person in list_persons(cast=_cast()):
        persons.add_row(person.name, DOES[person.subject])
    console.print(persons)
    console.print(_FACTORS, highlight=False)
    for name, path in PAGES.items():
        console.print(f"{name:<12}{addresses.web}{path}", highlight=False)
    console.print(f"{'bank':<12}{addresses.bank}/v1/health (simulator)", highlight=False)
    console.print("Ctrl-C stops everything.")


def _visit(addresses: Addresses, console: Console) -> None:
    for address in [*(addresses.web + path for path in PAGES.values()), f"{addresses.bank}/v1/health"]:
        if not responds_at(address)(""):
            raise CommandError(f"{address} does not answer.")
        console.print(f"{address} answers.", highlight=False)
