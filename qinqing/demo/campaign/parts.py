"""The parts of the product that a campaign and the demo run beside each other."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from payouts.banks.interface import SENDING_QUEUES, read_interface
from qinqing.demo.campaign.drop import drop_settings
from qinqing.services.ports import LOOPBACK
from qinqing.services.supervisor import Program, log_contains, responds_at

QUEUES = ("match", "click", "pay", "reply", "pull")
WORKERS = tuple(f"worker-{queue}" for queue in QUEUES)
# The file of the persons whom the identity provider knows.
REGISTER = "persons.json"
_WEB_THREADS = 8
# Workers match a city shard by shard, so two processes find work at the same time.
_PROCESSES = {"match": 2}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts listen on this machine."""

    web_port: int
    bank_port: int
    identity_port: int = 0

    @property
    def web(self) -> str:
        """The portal."""
        return f"http://{LOOPBACK}:{self.web_port}"

    @property
    def bank(self) -> str:
        """The bank simulator."""
        return f"http://{LOOPBACK}:{self.bank_port}"

    @property
    def identity(self) -> str:
        """The issuer of the city's identity, where its provider runs."""
        return f"http://{LOOPBACK}:{self.identity_port}/o"


def bank(addresses: Addresses, *, folder: Path) -> Program:
    """The bank simulator, whose books and whose drop lie in the folder."""
    books = str(folder / "bank.sqlite")
    command = ["qinqing.bank_simulator", "--port", str(addresses.bank_port), "--books", books]
    command += ["--drop", str(folder / "drop.sqlite")]
    told = {"BANK_TOKEN": read_interface().token}
    return Program("bank", [sys.executable, "-m", *command], responds_at(f"{addresses.bank}/v1/health"), told)


def identity_provider(addresses: Addresses, *, folder: Path) -> Program:
    """The city's identity provider, whose key and database lie in the folder, beside the register of its persons."""
    answers = [f"http://{host}:{addresses.web_port}/sign-in/city/answer/" for host in (LOOPBACK, "localhost")]
    command = [
        "qinqing.identity_provider",
        "--port",
        str(addresses.identity_port),
        "--folder",
        str(folder / "identity"),
    ]
    command += ["--register", str(folder / REGISTER)]
    command += [part for answer in answers for part in ("--redirect-uri", answer)]
    health = f"http://{LOOPBACK}:{addresses.identity_port}/health/"
    return Program("identity", [sys.executable, "-m", *command], responds_at(health))


def platform(addresses: Addresses, *, folder: Path) -> list[Program]:
    """The portal, a worker for each queue and the beat; files that they need lie in the folder."""
    return [_web(addresses), *(_worker(queue, addresses, folder) for queue in QUEUES), _beat(folder)]


def _web(addresses: Addresses) -> Program:
    bind = f"{LOOPBACK}:{addresses.web_port}"
    options = ["--bind", bind, "--worker-class", "gthread", "--threads", str(_WEB_THREADS), "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", "qinqing.wsgi:application", *options]
    return Program("web", command, responds_at(f"{addresses.web}/healthz"))


def _worker(queue: str, addresses: Addresses, folder: Path) -> Program:
    # Workers need not know of each other: the rows tell them what to do.
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    command = ["worker", "--queues", queue, "--hostname", f"{queue}@%h", "--loglevel", "INFO"]
    command += ["--concurrency", str(_PROCESSES.get(queue, 1))]
    # Those that speak to the bank alone know where it is, and its token.
    told = {"BANK_URL": addresses.bank, "BANK_TOKEN": read_interface().token} if queue in SENDING_QUEUES else {}
    told |= drop_settings(folder=folder) if queue == "pay" else {}
    return Program(f"worker-{queue}", [*_celery(), *command, *quiet], log_contains(" ready."), told)


def _beat(folder: Path) -> Program:
    command = ["beat", "--schedule", str(folder / "beat"), "--pidfile=", "--loglevel", "INFO"]
    return Program("beat", [*_celery(), *command], log_contains("beat: Starting"))


def _celery() -> list[str]:
    return [sys.executable, "-m", "celery", "--app", "qinqing"]
