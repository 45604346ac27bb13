"""The configuration of the app `proposals`."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProposalsConfig(AppConfig):
    """The app of proposals, below all apps whose rows change by proposal."""

    name = "qinqing.proposals"
    label = "proposals"
    verbose_name = _("Four eyes")
