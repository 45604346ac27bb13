"""`python -m tests.drill`: tries every attack and prints JSON; `--url` names a demo that runs on this machine."""

from __future__ import annotations

import argparse
import json
import os
import sys

from qinqing.services import ensure
from tests.drill.demo import run_demo


def main() -> int:
    """Try every attack; the exit code is 1 if the product did not hold in one."""
    asked = _parse_arguments()
    if asked.url:
        ensure()
        return _drill(asked.url, os.environ["DATABASE_URL"])
    with run_demo(companies=asked.companies) as running:
        return _drill(running.address, running.database)


def _drill(address: str, database: str) -> int:
    # The codes of second factors come from Django's app for them.
    import django

    django.setup()
    from tests.drill import accounts, doors, payments
    from tests.drill.attempts import make_report, try_attacks
    from tests.drill.stage import Stage

    attacks = (*payments.ATTACKS, *accounts.ATTACKS, *doors.ATTACKS)
    report = make_report(try_attacks(attacks, stage=Stage(address, database)))
    sys.stdout.write(f"{json.dumps(report, ensure_ascii=False, indent=2)}\n")
    return 1 if report["failed"] else 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.drill", description=main.__doc__)
    parser.add_argument("--url", default="", help="the address of a demo that runs; without it, one is started")
    parser.add_argument("--companies", type=int, default=60, help="the size of the city of the demo that is started")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qinqing.settings")
    sys.exit(main())
