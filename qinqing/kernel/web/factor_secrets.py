"""
Seals the secret of a second factor in its row: what somebody copies into another row opens nothing there.

The library gives its cipher the text alone. So a text that was loaded carries its row along, and one that is new is
sealed for its row before it is saved.
"""

from __future__ import annotations

from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db.models.signals import post_init, pre_save

from qinqing.kernel.sealed_text import open_text, seal_text
from qinqing.kernel.secrets import SealedColumn

# Where a factor keeps its secret: an app, and the recovery codes.
SECRETS: Final = ("secret", "seed")
_DATA: Final = SealedColumn("mfa_authenticator", "data")


class _NewSecret(str):
    """A sealed secret that has no row yet."""

    __slots__ = ()


class _SecretOfRow(str):
    """A sealed secret with the row in which it stands."""

    row: str


def seal_new(secret: str) -> str:
    """The secret, sealed, before it is known whose it is."""
    return _NewSecret(seal_text(secret))


def open_secret(sealed: str) -> str:
    """
    The secret of a factor, as its row holds it.

    Raises:
        cryptography.exceptions.InvalidTag: the secret was changed, stands in another row than it was sealed for, or
            belongs to no key of the ring.
    """
    if isinstance(sealed, _SecretOfRow):
        return _DATA.open(bytes.fromhex(sealed), sealed.row)
    return open_text(sealed)


def seal_for(factor: Authenticator, secret: str) -> str:
    """The secret, sealed for the row of this factor."""
    return _carry_row(factor, _DATA.seal(secret, _row(factor)).hex())


def watch_factors() -> None:
    """Have the secrets of all factors carry their row, and seal them for it before they are saved."""
    post_init.connect(_carry_rows, sender=Authenticator, dispatch_uid="qinqing.factor_secrets.loaded")
    pre_save.connect(_seal_secrets, sender=Authenticator, dispatch_uid="qinqing.factor_secrets.saved")


def _row(factor: Authenticator) -> str:
    # A person has one app and one set of recovery codes, and neither ever becomes somebody else's.
    return f"{factor.user_id}/{factor.type}"


def _carry_row(factor: Authenticator, sealed: str) -> _SecretOfRow:
    secret = _SecretOfRow(sealed)
    secret.row = _row(factor)
    return secret


def _carry_rows(instance: Authenticator, **_signal: Any) -> None:
    data = instance.__dict__.get("data") or {}
    for name in SECRETS:
        if name in data and not isinstance(data[name], _NewSecret):
            data[name] = _carry_row(instance, data[name])


def _seal_secrets(instance: Authenticator, **_signal: Any) -> None:
    for name in SECRETS:
        if isinstance(instance.data.get(name), _NewSecret):
            instance.data[name] = seal_for(instance, open_text(instance.data[name]))
