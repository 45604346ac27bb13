"""Each code of an app is good for one use: a code that somebody saw over a shoulder opens nothing a second time."""

from __future__ import annotations

import time

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db.models import Q


def use_code(authenticator: Authenticator) -> None:
    """
    Note that the code of this moment is used; a recovery code notes its own use.

    The row decides between requests of the same moment. One period has one code, so that its number stands for it.

    Raises:
        ValidationError: the code of this moment was used already.
    """
    if authenticator.type != Authenticator.Type.TOTP:
        return
    period = int(time.time()) // app_settings.TOTP_PERIOD
    unused = Q(data__used_period__isnull=True) | Q(data__used_period__lt=period)
    data = authenticator.data | {"used_period": period}
    if not Authenticator.objects.filter(unused, pk=authenticator.pk).update(data=data):
        raise get_adapter().validation_error("incorrect_code")
    authenticator.data = data
