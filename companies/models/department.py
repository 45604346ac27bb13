"""The departments of the city that share data and are in charge of policies."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.datasets.departments import PLATFORM
from qinqing.kernel.database.immutable_rows import guard_against_deletion
from qinqing.kernel.database.triggers import change_of, refuse_when
from qinqing.kernel.text import Bilingual
from qinqing.proposals.guards import by_proposal

# The name of the proposals by which two people add or rename a department.
KIND = "department"


class Department(models.Model):
    """
    A department, which two people add and rename; `code` is how contracts, policies and accounts name it.

    `added_by` is nobody for those that the platform begins with.
    """

    code = models.CharField(_("code"), max_length=20)
    name_zh = models.CharField(_("Chinese name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60)
    added_at = models.DateTimeField(_("added at"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="department_once"),
            models.UniqueConstraint(fields=["name_zh"], name="department_is_called_as_no_other"),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z][a-z0-9_]{1,19}$") & ~Q(code=PLATFORM[0]),
                name="department_has_a_plain_code",
            ),
            models.CheckConstraint(
                condition=Q(name_zh__regex=r"^\S(.*\S)?$") & Q(name_en__regex=r"^\S(.*\S)?$"),
                name="department_has_both_names",
            ),
        ]
        triggers = [
            by_proposal(
                "department_is_added_by_two",
                kind=KIND,
                operation=pgtrigger.Insert,
                # A department that is still to be added is number 0.
                subject="0",
                condition="NOT companies_owner_works()",
            ),
            by_proposal("department_is_renamed_by_two", kind=KIND, columns=("name_zh", "name_en")),
            refuse_when(
                promise="department_keeps_its_code",
                why="A department keeps its code, by which contracts, policies and accounts name it.",
                condition=change_of("code", "added_at", "added_by_id"),
            ),
            *guard_against_deletion("department_is_kept"),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Bilingual:
        """The name in the reader's language."""
        return Bilingual(self.name_zh, self.name_en)
