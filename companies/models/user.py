"""People and machines that sign in."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models.staff.guards import guards_of_accounts

if TYPE_CHECKING:
    from companies.models.membership import FirmRole


class User(AbstractUser):
    """
    A person or a machine that signs in.

    Groups, the roles of `qinqing.roles`, give an official permissions; memberships give them to an owner.
    """

    # The department whose data this account may deliver; empty for everybody else.
    department = models.CharField(_("department"), max_length=20, blank=True)
    # The code of the district whose firms, payouts, funds and policies alone an official sees; empty for the city.
    district = models.CharField(_("district"), max_length=6, blank=True, default="", db_default="")

    class Meta(AbstractUser.Meta):
        triggers = guards_of_accounts()

    def __str__(self) -> str:
        name = self.get_full_name()
        # The account name tells people of the same name apart.
        return f"{name} ({self.username})" if name else self.username

    @cached_property
    def role_by_company(self) -> dict[int, FirmRole | None]:
        """The roles in companies that were looked up for this object, which lives as long as a request."""
        return {}
