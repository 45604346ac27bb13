"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from companies.districts import load_districts
from qinqing.kernel import guesses, staying


class CompaniesConfig(AppConfig):
    """Companies."""

    name = "companies"
    verbose_name = _("Companies")

    def ready(self) -> None:
        """Have the districts in the table, datasets called by their names, and an eye on who signs in."""
        from companies.datasets.labels import label
        from companies.facts import dataset_models

        post_migrate.connect(load_districts, sender=self)
        user_login_failed.connect(guesses.count_wrong_password)
        user_logged_in.connect(staying.begin)
        label(list(dataset_models().values()))
