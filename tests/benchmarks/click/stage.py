"""A city with open entitlements in a database of its own, and the web servers for it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from policies.matching.run import match_due
from policies.models import Track
from qinqing.demo.campaign.stages.offers import claimable
from qinqing.demo.people import make_bookkeepers
from qinqing.services.ports import LOOPBACK, free_port
from qinqing.services.state import PROJECT
from qinqing.services.supervisor import Program, Supervisor, responds_at
from tests.benchmarks.city import bench_city
from tests.benchmarks.parts import Say

# The options with which docker/entrypoint.sh starts the portal.
WORKERS, THREADS = 2, 8
Browsers = list[dict[str, Any]]


class NotReady(Exception):
    """The browsers ended before they posted anything."""


@dataclass(frozen=True, slots=True)
class City:
    """The firms with something to claim, as ids and credit codes."""

    shelf: tuple[tuple[int, str], ...]

    @property
    def firms(self) -> int:
        """The number of firms."""
        return len(self.shelf)

    def owners(self, count: int, *, share: float, skip: float = 0) -> Browsers:
        """Accounts that act for the firms between two fractions of all firms, divided evenly."""
        firms = self.shelf[int(self.firms * skip) : int(self.firms * share)]
        shelves = [firms[place::count] for place in range(min(count, len(firms)))]
        password = secrets.token_urlsafe()
        ids = [[company for company, _code in shelf] for shelf in shelves]
        users = make_bookkeepers(count=len(shelves), password=password, companies=ids)
        return [
            {"username": user.username, "password": password, "firms": [code for _company, code in shelf]}
            for user, shelf in zip(users, shelves, strict=True)
        ]


@contextmanager
def city(*, companies: int, say: Say) -> Iterator[City]:
    """A city in a database of its own, with policies in force, in which nobody has claimed."""
    with bench_city(companies=companies, say=say) as made:
        made.publish()
        while match_due(now=timezone.now()) is not None:
            continue
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE policies_entitlement")
        firms = claimable(Track.INSTANT).order_by("company").values_list("company_id", "company__credit_code")
        yield City(tuple(firms.distinct()))


@contextmanager
def serve(application: str, **environment: str) -> Iterator[str]:
    """Serve the application alone, as the product starts it; yields the address."""
    port = free_port()
    address = f"http://{LOOPBACK}:{port}"
    options = ["--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS), "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"{LOOPBACK}:{port}", *options]
    logs = Path(tempfile.mkdtemp(prefix="qinqing-click-logs-"))
    with Supervisor(logs=logs, environment={"DATABASE_URL": os.environ["DATABASE_URL"], **environment}) as supervisor:
        supervisor.start(Program("web", command, responds_at(f"{address}/healthz")))
        supervisor.wait_until_ready()
        yield address


def load(
    *,
    address: str,
    browsers: Sequence[dict[str, Any]],
    pause_seconds: float = 0,
    first_share: float = 0,
    before_posting: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """
    Have the browsers post all they have, in a process of their own; what they saw.

    The first share of what each posts is seen apart. `before_posting` is called after it, when everybody has signed in
    and read the pages.
    """
    plan = {
        "address": address,
        "browsers": list(browsers),
        "pause_seconds": pause_seconds,
        "first_share": first_share,
    }
    command = [sys.executable, "-m", "tests.benchmarks.click.load"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=PROJECT, **pipes) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(json.dumps(plan) + "\n")
        running.stdin.flush()
        if running.stdout.readline() != "ready\n":
            raise NotReady("The browsers could not prepare themselves; what they said stands above.")
        before_posting()
        running.stdin.write("go\n")
        running.stdin.flush()
        seen: dict[str, Any] = json.loads(running.stdout.read())
    return seen
