"""`manage.py migrate`: Django's own, as the owner of the tables, who then grants their rows to the product."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from qinqing.kernel.database.owner import connected_as_owner, grant_to_product


class Command(migrate.Command):
    """Migrate as the owner and grant."""

    help = "Migrates as the owner of the tables (OWNER_DATABASE_URL), who then grants rows to the product's roles."
    # The database's checks are about the role of the product, not about the owner.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        with connected_as_owner():
            super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                grant_to_product()
