"""Seals the secrets of second factors anew; their library keeps them as text within JSON."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from qinqing.kernel.sealed_text import is_sealed_by_present_key
from qinqing.kernel.web.factor_secrets import SECRETS, open_secret, seal_for


@transaction.atomic
def reseal_factors() -> int:
    """
    Seal all secrets of second factors that another key sealed; returns how many.

    Raises:
        cryptography.exceptions.InvalidTag: a secret belongs to no key that the settings name.
    """
    sealed = 0
    for factor in Authenticator.objects.order_by("pk").select_for_update(no_key=True):
        stale = [name for name in SECRETS if _is_stale(factor.data, name)]
        fresh = {name: seal_for(factor, open_secret(factor.data[name])) for name in stale}
        if fresh:
            Authenticator.objects.filter(pk=factor.pk).update(data=factor.data | fresh)
            sealed += 1
    return sealed


def _is_stale(data: dict[str, Any], name: str) -> bool:
    return name in data and not is_sealed_by_present_key(data[name])
