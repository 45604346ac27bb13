"""Policies: the subsidy programmes of the city."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.triggers import change_of, row_guard
from qinqing.kernel.text import Bilingual


class Policy(models.Model):
    """A subsidy programme; each of its wordings is a `PolicyVersion`."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    title_zh = models.CharField(_("title in Chinese"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    summary_zh = models.TextField(_("summary in Chinese"), blank=True)
    summary_en = models.TextField(_("summary in English"), blank=True)
    # A key of companies.datasets.departments.OFFICES.
    department = models.CharField(_("department in charge"), max_length=20)
    # The code of the district whose policy it is; empty for a policy of the city.
    district = models.CharField(_("district"), max_length=6, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        triggers = [
            row_guard(
                __package__,
                "policy_code_is_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=change_of("code"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def title(self) -> Bilingual:
        """The title in both languages."""
        return Bilingual(self.title_zh, self.title_en)
