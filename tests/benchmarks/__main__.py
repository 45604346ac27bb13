"""`python -m tests.benchmarks [PART …] --companies N --report FILE`: all parts, or the named ones, at one size."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import structlog

from qinqing.services import ensure, postgres
from qinqing.services.state import STATE_NAME_VARIABLE
from tests.benchmarks.parts import NAMES, Size


def main() -> int:
    """Measure; the exit code is 1 if contenders had different results. A missed target is a finding, not a failure."""
    asked = _arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qinqing.settings")
    is_embedded = not os.environ.get("DATABASE_URL")
    ensure(name="bench")
    if is_embedded:
        os.environ[postgres.SUPERUSER_VARIABLE] = postgres.superuser_address(name=os.environ[STATE_NAME_VARIABLE])
    # Django reads the addresses of the servers when it is set up, so the servers have to run before.
    import django

    django.setup()
    from tests.superuser import work_as_superuser

    # What is measured beside the product makes tables of its own; the product's parts connect as they always do.
    work_as_superuser()
    # The product's own log would hide the output of the parts.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    from tests.benchmarks.city import forget_cities

    try:
        agreements = [_measure(name, asked) for name in asked.parts or NAMES]
    finally:
        forget_cities()
    return 0 if all(agreements) else 1


def _measure(name: str, asked: argparse.Namespace) -> bool:
    from rich.console import Console

    from tests.benchmarks import report
    from tests.benchmarks.parts import part

    console, module = Console(), part(name)
    size = _size(module.SMOKE if asked.smoke else module.FULL, asked)
    console.print(f"[bold]{name}[/bold]: {module.QUESTION} ({size.companies:,} companies)", highlight=False)
    start = time.perf_counter()
    measured = module.run(size=size, say=lambda text: console.print(f"  {text}", highlight=False))
    report.print_ratios(name, measured, console)
    report.write({name: report.entry(measured, size=size, seconds=time.perf_counter() - start)}, to=asked.report)
    return measured.agrees


def _size(usual: Size, asked: argparse.Namespace) -> Size:
    if asked.companies is not None:
        # Without a number of employees, their number is in proportion to the number of firms.
        return Size(companies=asked.companies, employees=asked.employees)
    return usual if asked.employees is None else replace(usual, employees=asked.employees)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks", description=main.__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(NAMES))
    parser.add_argument("--companies", type=int)
    parser.add_argument("--employees", type=int)
    parser.add_argument("--smoke", action="store_true", help="small sizes: for the shape, not for the time")
    parser.add_argument("--report", type=Path, default=Path("bench.json"))
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(NAMES):
        parser.error(f"There is no part {', '.join(sorted(unknown))}; the parts are {', '.join(NAMES)}.")
    return asked


if __name__ == "__main__":
    sys.exit(main())
