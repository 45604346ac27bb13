"""The project as an app: templates, static files and commands that see all of it."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class QinqingConfig(AppConfig):
    """The project's top layer."""

    name = "qinqing"

    def ready(self) -> None:
        """Keep the roles' groups in line with their table, and an eye on the guards of the database."""
        from qinqing.kernel.database import drift  # noqa: F401 - registers its check
        from qinqing.roles import grant_roles

        # The last of our apps with models; all permissions exist when it has migrated.
        post_migrate.connect(grant_roles, sender=apps.get_app_config("payouts"), dispatch_uid="qinqing.roles")
