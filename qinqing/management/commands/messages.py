"""`manage.py messages`: collects what the code says to people, keeps its Chinese, compiles it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qinqing import messages


class Command(BaseCommand):
    """Without options: collect, merge, write and compile."""

    help = "Collects messages into the Chinese catalogue and compiles it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--compile", action="store_true", help="only compile what is there")
        parser.add_argument("--check", action="store_true", help="fail if a message is missing or not translated")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            return self._check()
        if not options["compile"]:
            messages.write_catalogue(messages.merge_messages())
        compiled = messages.compile_translations()
        self.stdout.write(f"{compiled.name} is compiled.")
        return None

    def _check(self) -> None:
        if found := messages.list_shortcomings():
            raise CommandError("\n".join(map(str, found)) + "\nRun `manage.py messages` and translate.")
        self.stdout.write("All messages are translated.")
