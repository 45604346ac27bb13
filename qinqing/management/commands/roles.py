"""`manage.py roles`: the three roles of the database, made by the superuser of the server."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError

from qinqing.kernel.database.roles import login_of, make_roles
from qinqing.services.postgres import SUPERUSER_VARIABLE

ADDRESSES = ("OWNER_DATABASE_URL", "DATABASE_URL", "READER_DATABASE_URL")


class Command(BaseCommand):
    """Make or mend the roles that the three addresses name, and give the database to the owner."""

    help = (
        "Makes the roles that OWNER_DATABASE_URL, DATABASE_URL and READER_DATABASE_URL name, with their passwords, and"
        " gives the database and all its tables to the owner. Run it once, as the superuser; then run “migrate”."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as",
            dest="superuser",
            default=os.environ.get(SUPERUSER_VARIABLE, ""),
            help="the superuser's address of the database; SUPERUSER_DATABASE_URL unless given",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if missing := [name for name in ADDRESSES if not os.environ.get(name)]:
            raise CommandError(f"Set {', '.join(missing)}, so that the roles get these names and passwords.")
        if not options["superuser"]:
            raise CommandError("Name the superuser's address: --as postgres://SUPERUSER:PASSWORD@HOST/DATABASE.")
        owner, app, reader = (login_of(os.environ[name]) for name in ADDRESSES)
        if len({owner.role, app.role, reader.role}) < len(ADDRESSES):
            raise CommandError("The three addresses name three different roles.")
        with psycopg.connect(options["superuser"], autocommit=True) as server:
            make_roles(server, owner=owner, app=app, reader=reader, makes_databases=False)
        self.stdout.write(f"{owner.role} owns the database, {app.role} writes rows, {reader.role} reads them.")
