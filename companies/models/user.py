"""People who sign in, and the companies they act for."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """
    A person or a machine that signs in.

    Groups, the roles of `qinqing.roles`, give an official permissions; memberships give them to an owner.
    """

    # The department whose data this account may deliver; empty for everybody else.
    department = models.CharField(_("department"), max_length=20, blank=True)
    # The code of the district whose firms, payouts, funds and policies alone an official sees; empty for the city.
    district = models.CharField(_("district"), max_length=6, blank=True, default="", db_default="")

    def __str__(self) -> str:
        name = self.get_full_name()
        # The account name tells people of the same name apart.
        return f"{name} ({self.username})" if name else self.username


class Membership(models.Model):
    """One person's right to act for one company."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person"))
    company = models.ForeignKey(
        "companies.Company", on_delete=models.CASCADE, related_name="memberships", verbose_name=_("company")
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "company"], name="membership_once_per_company")]

    def __str__(self) -> str:
        return f"{self.user} · {self.company}"
