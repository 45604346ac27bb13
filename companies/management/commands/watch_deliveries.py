"""Delivers the files that departments lay into folders."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.utils.translation import gettext as _

from companies.deliveries.watched.folder import LANDED, REFUSED
from companies.deliveries.watched.watch import STILL_SECONDS, TROUBLE, WAITING, watch_once


class Command(BaseCommand):
    """
    `manage.py watch_deliveries FOLDER`: look, deliver what is complete, and look again, until it is stopped.

    Several may watch one folder. Files lie in FOLDER/<department>/ and are called <dataset>--<YYYY-MM-DD>[--<id>].csv
    (or .ndjson, each with .gz or without), with <name>.manifest.json and <name>.sig beside them where they are signed.
    Lay the manifest and the signature first. A file is complete when it has been still for some seconds, or when
    <name>.done lies beside it; hidden files and those that end in .part, .tmp or .filepart are left alone.
    """

    help = "Deliver the files that departments lay into FOLDER/<department>/, each once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--once", action="store_true", help="look once, and end")
        parser.add_argument("--every", type=float, default=5.0, help="seconds between two looks (default: 5)")
        parser.add_argument(
            "--still", type=float, default=STILL_SECONDS, help="seconds for which a complete file is still"
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Look again and again."""
        while True:
            self._look(folder, still_seconds=options["still"])
            if options["once"]:
                return
            time.sleep(options["every"])
            # A database that was restarted meanwhile is connected anew.
            close_old_connections()

    def _look(self, folder: Path, *, still_seconds: float) -> None:
        try:
            outcomes = watch_once(folder=folder, still_seconds=still_seconds)
        except OSError as fault:
            raise CommandError(f"{folder}: {fault.strerror}.") from fault
        if outcomes.keys() - {WAITING}:
            sentence = _("{landed} files landed, {refused} were refused, {waiting} wait, {trouble} could not be read.")
            counts = {name: outcomes[name] for name in (LANDED, REFUSED, WAITING, TROUBLE)}
            self.stdout.write(sentence.format(**counts))
