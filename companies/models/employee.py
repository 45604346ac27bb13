"""People whom rules are about: employees of companies, and buyers of cars."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from companies.datasets.references import never_deleted
from companies.datasets.sealing import not_resealed
from qinqing.kernel.database.sealed import KeyedHashField, SealedField
from qinqing.kernel.database.triggers import change_of, refuse_when


class Employee(models.Model):
    """
    A person known by the citizen ID number, which is kept encrypted.

    `id_number_hash` is a keyed hash that finds the person again; pages show only `id_number_masked`.
    """

    id_number_encrypted = SealedField(identity="encode(id_number_hash, 'hex')")
    id_number_hash = KeyedHashField(unique=True, max_length=32)
    id_number_masked = models.CharField(_("ID number"), max_length=18)
    name = models.CharField(_("name"), max_length=60)
    born_on = models.DateField(_("born on"), null=True)
    spouse = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("spouse"))

    class Meta:
        verbose_name = _("employee")
        verbose_name_plural = _("employees")
        constraints = [
            models.CheckConstraint(condition=~Q(spouse=F("id")), name="employee_is_not_own_spouse"),
            # Pages can show no more than this column, because it is the only readable form of the number.
            models.CheckConstraint(
                condition=Q(id_number_masked__regex=r"^[0-9][*]{16}[0-9X]$"), name="employee_id_number_is_masked"
            ),
        ]
        triggers = [
            *never_deleted("employee"),
            refuse_when(
                promise="employee_id_number_stays",
                why="A person keeps the ID number; only a re-seal writes it anew.",
                condition=f"{change_of('id_number_hash', 'id_number_masked')} OR {not_resealed('id_number_encrypted')}",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id_number_masked}"
