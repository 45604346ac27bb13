"""The drop of the simulated bank, and the key that signs for it: files of the product's folder."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from payouts.banks.interface import read_interface
from qinqing.env import PAYER_ACCOUNT

_DROPS, _KEY = "drops.json", "signing.pem"


def write_drop(*, folder: Path, bank: str) -> None:
    """Write down where the simulated bank takes files, and make a key if there is none."""
    key, drops = folder / _KEY, folder / _DROPS
    if not key.exists():
        made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write_for_us_alone(key, made)
    told = {"address": f"{bank}/v1/drop", "password": secrets.token_urlsafe(12), "token": read_interface().token}
    _write_for_us_alone(drops, json.dumps({PAYER_ACCOUNT: told}).encode())


def drop_settings(*, folder: Path) -> dict[str, str]:
    """The settings of the worker that hands files over."""
    return {"BANK_DROPS": str(folder / _DROPS), "SIGNING_KEY": str(folder / _KEY)}


def _write_for_us_alone(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)
