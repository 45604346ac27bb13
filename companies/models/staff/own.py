"""What a person has at the door: second factors and addresses of mail, as allauth keeps them, with our guards."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from companies.models.staff.guards import guards_of_factors, guards_of_mail


class OwnFactor(Authenticator):  # type: ignore[misc]
    """A second factor of a person."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = guards_of_factors()


class OwnAddress(EmailAddress):  # type: ignore[misc]
    """An address of mail of a person, to which links for passwords go."""

    class Meta:
        proxy = True
        default_permissions = ()
        triggers = guards_of_mail()
