"""The contracts of datasets that were declared: each version is a row, and its insert builds or widens the table."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.immutable_rows import guard_against_deletion
from qinqing.kernel.database.sql_files import read_sql
from qinqing.kernel.database.triggers import Guard, change_of, refuse_when
from qinqing.proposals.guards import by_proposal

_DECLARED = ("name", "version", "text", "sha256", "shape", "declared_by_id", "declared_at")
NAME_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
VERSION_PATTERN = r"^[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}$"


class OwnersGuard(Guard):
    """
    A guard whose function works with the rights of the database's owner, who alone makes tables.

    Nobody else may use the function, not even for a trigger on a table of his own.
    """

    def hardens(self, model: models.Model) -> str:
        """The statements that give the function the owner's rights, and keep it for this trigger."""
        function = f"FUNCTION {self.get_pgid(model)}()"
        rights = f"ALTER {function} SECURITY DEFINER; REVOKE ALL ON {function} FROM PUBLIC;"
        return f"{super().hardens(model)}{rights}\n"

    @property
    def names_tables(self) -> bool:
        """True: a function with the owner's rights must find our tables and functions alone."""
        return True


class DatasetContract(models.Model):
    """
    One version of the contract of a dataset; the newest one of a name is in force.

    `text` is the contract as it was written, in YAML, and `shape` what the database reads of it: the columns and what
    others rely on. `declared_by` is nobody for a contract that ships with the platform.
    """

    name = models.CharField(_("dataset"), max_length=40)
    version = models.CharField(_("version"), max_length=17)
    text = models.TextField(_("contract"))
    sha256 = models.CharField("SHA-256", max_length=64)
    shape = models.JSONField(_("shape"))
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("declared by")
    )
    declared_at = models.DateTimeField(_("declared at"))
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("retired by")
    )
    retired_at = models.DateTimeField(_("retired at"), null=True)

    class Meta:
        verbose_name = _("dataset")
        verbose_name_plural = _("datasets")
        permissions = [("view_dataset_rows", _("Can see the rows of datasets"))]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="dataset_contract_once_per_version"),
            models.CheckConstraint(condition=Q(name__regex=NAME_PATTERN), name="dataset_contract_has_a_plain_name"),
            models.CheckConstraint(condition=Q(version__regex=VERSION_PATTERN), name="dataset_contract_has_a_version"),
            models.CheckConstraint(
                condition=Q(retired_at=None, retired_by=None) | Q(retired_at__isnull=False, retired_by__isnull=False),
                name="dataset_contract_is_retired_by_somebody",
            ),
        ]
        triggers = [
            OwnersGuard(
                name="dataset_contract_builds_its_table",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=read_sql(__package__, "dataset_contract_builds_its_table.sql"),
            ),
            refuse_when(
                promise="dataset_contract_stays_as_declared",
                why="A contract stays as it was declared; declare a higher version.",
                condition=change_of(*_DECLARED),
            ),
            by_proposal(
                "dataset_contract_is_retired_by_two",
                kind="dataset_contract",
                condition=change_of("retired_at", "retired_by_id"),
            ),
            *guard_against_deletion("dataset_contract_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
