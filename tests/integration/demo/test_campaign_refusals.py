"""A campaign that cannot go on says why, and a watch whose wait brings nothing gives up."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import socket
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import httpx
import pytest
from pytest_django.live_server_helper import LiveServer
from rich.console import Console

from policies.models import MatchRun
from qinqing.demo.campaign import product
from qinqing.demo.campaign.memory import PeakMemory
from qinqing.demo.campaign.progress import Phases
from qinqing.demo.campaign.report import complaints
from qinqing.demo.campaign.stages import portal
from qinqing.demo.campaign.stages.arrivals import NotDelivered, deliver_city
from qinqing.demo.campaign.stages.portal import PortalRefused
from qinqing.demo.campaign.waits import MatchingStopped, wait_for_matching
from qinqing.demo.campaign.watch import Stalled, Watch
from qinqing.demo.city.city import CityFile
from qinqing.services.supervisor import ChildDied, Program, Supervisor, log_contains
from tests.factories.policies import make_published

NOW = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)


def watching(folder: Path, *, program: str = "import time; print('awake', flush=True); time.sleep(600)") -> Supervisor:
    supervisor = Supervisor(logs=folder, environment={})
    supervisor.start(Program("one", [sys.executable, "-c", program], log_contains("awake")))
    return supervisor


def test_a_watch_loses_patience_when_nothing_moves(tmp_path: Path) -> None:
    with watching(tmp_path) as supervisor:
        watch = Watch(supervisor, patience_seconds=0.3)
        with pytest.raises(Stalled, match=r"Paying stands still at 7 since 0\.3 seconds"):
            watch.wait(words="Paying", is_done=lambda: False, reached=lambda: 7, advance=lambda done: None)


def test_a_watch_waits_as_long_as_something_moves(tmp_path: Path) -> None:
    start, heard = time.monotonic(), []
    with watching(tmp_path) as supervisor:
        Watch(supervisor, patience_seconds=0.5).wait(
            words="Paying",
            is_done=lambda: time.monotonic() - start > 1.5,
            reached=lambda: int((time.monotonic() - start) * 100),
            advance=heard.append,
        )
    assert heard == sorted(heard)
    # The watch went on for a second, longer than its patience; its last look may have come a little before the end.
    assert heard[-1] > 100


def test_a_watch_hears_that_a_part_died(tmp_path: Path) -> None:
    with watching(tmp_path, program="raise SystemExit('no broker')") as supervisor:
        watch = Watch(supervisor)
        with pytest.raises(ChildDied, match="no broker"):
            watch.wait(words="Paying", is_done=lambda: False, reached=lambda: 0, advance=lambda done: None)


# Files are delivered on connections of their own, which a test's transaction does not reach.
@pytest.mark.django_db(transaction=True)
def test_rows_of_the_city_in_quarantine_stop_the_campaign(tmp_path: Path) -> None:
    path = tmp_path / "credit.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("credit_code,kind,listed_on,removed_on\n91330102XXQ000016K,zombie,2020-01-01,\n")
    files = [CityFile(dataset="credit", delivery_id="city-1-credit", as_of_on=NOW.date(), path=path, rows=1)]
    with pytest.raises(NotDelivered, match="1 rows of city-1-credit are in quarantine"):
        deliver_city(files, advance=lambda rows: None, now=NOW)


@pytest.mark.django_db
def test_a_matching_run_that_was_set_aside_stops_the_campaign(tmp_path: Path) -> None:
    MatchRun.objects.filter(version=make_published('company.standing = "active"')).update(
        refusal="P-99 takes too long.", holds_claims=True
    )
    with watching(tmp_path) as supervisor, pytest.raises(MatchingStopped, match="P-99 takes too long"):
        wait_for_matching(watch=Watch(supervisor), advance=lambda found: None)


@pytest.mark.django_db(transaction=True)
def test_a_bookkeeper_who_cannot_sign_in_is_reported(live_server: LiveServer) -> None:
    with (
        httpx.Client(base_url=live_server.url, follow_redirects=True, trust_env=False) as browser,
        pytest.raises(PortalRefused, match="nobody could not sign in"),
    ):
        portal._sign_in(browser, "nobody", "wrong")


@pytest.mark.django_db(transaction=True)
def test_a_page_that_is_not_there_is_reported(live_server: LiveServer) -> None:
    with pytest.raises(PortalRefused, match="answered 404 at /no/such/page/"):
        portal._shown(httpx.get(f"{live_server.url}/no/such/page/", trust_env=False))


def test_the_outcome_is_complained_about_only_when_something_is_wrong() -> None:
    assert complaints({"paid": 3, "troubles": []}) == []
    assert complaints({"paid": 0, "troubles": ["1 payouts were paid twice."]}) == [
        "1 payouts were paid twice.",
        "Nothing was paid.",
    ]


def test_phases_are_plain_lines_away_from_a_terminal() -> None:
    out = StringIO()
    phases = Phases(Console(file=out))
    with phases.phase("deliver", "Delivering rows", total=2000) as advance:
        advance(2000)
    assert out.getvalue().splitlines()[0] == "Delivering rows …"
    assert out.getvalue().splitlines()[1].startswith("Delivering rows: 2,000 in ")
    assert set(phases.seconds) == {"deliver"}


def test_the_peak_of_a_part_counts_the_processes_it_started() -> None:
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'x = bytearray(90_000_000); input()'])"
    started = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, start_new_session=True)
    memory, deadline = PeakMemory(), time.monotonic() + 60
    while memory.mb.get("part", 0) < 90 and time.monotonic() < deadline:
        memory.look({"part": started.pid})
        time.sleep(0.05)
    started.communicate(b"\n")
    assert 90 <= memory.mb["part"] < 200


def test_a_part_that_has_ended_holds_no_memory() -> None:
    ended = subprocess.Popen([sys.executable, "-c", "pass"], start_new_session=True)
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    memory = PeakMemory()
    memory.look({"part": ended.pid})
    ended.wait()
    assert memory.mb == {"part": 0}


def test_a_taken_port_is_left_to_its_owner() -> None:
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        taken = owner.getsockname()[1]
        assert product._free_port(taken) != taken
