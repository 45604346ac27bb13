"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from companies.districts import load_districts


class CompaniesConfig(AppConfig):
    """Companies."""

    name = "companies"
    verbose_name = _("Companies")

    def ready(self) -> None:
        """Have the districts in the table whenever there is a table, and datasets called by their names."""
        from companies.datasets.labels import label
        from companies.facts import dataset_models

        post_migrate.connect(load_districts, sender=self)
        label(list(dataset_models().values()))
