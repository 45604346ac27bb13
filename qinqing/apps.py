"""The project as an app: templates, static files and commands that see all of it."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class QinqingConfig(AppConfig):
    """The project's top layer."""

    name = "qinqing"

    def ready(self) -> None:
        """Register the update of the roles’ groups after migrations, and the checks of databases and addresses."""
        from qinqing.kernel import transport  # noqa: F401 - registers its check
        from qinqing.kernel.database import drift, least_rights  # noqa: F401 - register their checks
        from qinqing.kernel.web.factor_secrets import watch_factors
        from qinqing.roles import grant_roles

        # `payouts` is the last of our apps with models; all permissions exist when it has migrated.
        post_migrate.connect(grant_roles, sender=apps.get_app_config("payouts"), dispatch_uid="qinqing.roles")
        watch_factors()
