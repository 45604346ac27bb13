"""`python -m tests.faults --runs 100 --seed 1 --report faults.json`: run `n` has the seed `SEED + n`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from qinqing.services import ensure
from qinqing.services.state import STATE_NAME_VARIABLE
from tests.faults.servers import STATE, Postgres, Redis


def main() -> int:
    """Play the runs; the exit code is 1 if one of them paid twice, lost something or left the books unbalanced."""
    asked = _arguments()
    if "DATABASE_URL" in os.environ or "REDIS_URL" in os.environ:
        sys.exit("Faults break the servers they run on: unset DATABASE_URL and REDIS_URL, so that they get their own.")
    # The runs kill their servers, so they never use the servers of the caller.
    os.environ[STATE_NAME_VARIABLE] = STATE
    ensure(name=STATE)
    redis = Redis()
    os.environ |= {"REDIS_URL": redis.address, "DJANGO_SETTINGS_MODULE": "qinqing.settings"}
    try:
        return _play(range(asked.seed, asked.seed + asked.runs), redis, asked.report)
    finally:
        redis.stop()


def _play(seeds: Sequence[int], redis: Redis, file: Path) -> int:
    # Django reads the addresses of the servers when it is set up, so the servers have to run before.
    import django

    django.setup()
    from django.core.management import call_command

    from qinqing.demo.campaign.database import database_beside, use_fresh_database
    from qinqing.demo.campaign.product import AlreadyRunning, sole_runner
    from qinqing.services.supervisor import interruptible
    from tests.faults.report import line, machine, write
    from tests.faults.runs import Run, run
    from tests.faults.stage import Stage

    runs: list[Run] = []
    database = database_beside("faults")
    try:
        with interruptible(), sole_runner(database=database), tempfile.TemporaryDirectory(prefix="qinqing-") as folder:
            use_fresh_database(database)
            call_command("migrate", verbosity=0)
            played_on = machine()
            with Stage(Path(folder), postgres=Postgres(), redis=redis) as stage:
                for seed in seeds:
                    runs.append(run(seed, stage=stage))
                    # The report is written after each run, so that an interruption loses none of the runs before.
                    write(runs, to=file, played_on=played_on)
                    sys.stdout.write(f"{line(runs[-1])}\n")
                    sys.stdout.flush()
    except AlreadyRunning as other:
        sys.exit(str(other))
    return 0 if all(run.is_clean for run in runs) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.faults", description=main.__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path, default=Path("faults.json"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
