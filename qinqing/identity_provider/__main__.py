"""
`python -m qinqing.identity_provider --port 8200 --folder … --register … --redirect-uri …` serves until SIGTERM.

The client's secret comes from IDENTITY_CLIENT_SECRET. The folder gets the provider's key and its database.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from qinqing.identity_provider.register import REGISTER_VARIABLE


def main() -> None:
    """Make what the provider needs, and serve."""
    asked = _arguments()
    _prepare(asked.folder)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "qinqing.identity_provider.settings",
        "IDENTITY_FOLDER": str(asked.folder),
        REGISTER_VARIABLE: str(asked.register),
    }
    _set_up(client_id=asked.client_id, redirect_uris=asked.redirect_uri)
    options = ["--bind", f"{asked.host}:{asked.port}", "--worker-class", "gthread", "--threads", "4"]
    command = ["gunicorn", "qinqing.identity_provider.wsgi:application", *options, "--no-control-socket"]
    os.execv(sys.executable, [sys.executable, "-m", *command])  # noqa: S606 - our own server


def _prepare(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "key.pem").exists():
        key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write_secretly(folder / "secret", secrets.token_hex(32).encode())
        _write_secretly(folder / "key.pem", pem)


def _write_secretly(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)


def _set_up(*, client_id: str, redirect_uris: list[str]) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    from oauth2_provider.models import Application

    Application.objects.update_or_create(
        client_id=client_id,
        defaults={
            "name": "Qinqing",
            "client_secret": os.environ.get("IDENTITY_CLIENT_SECRET") or "simulator",
            "client_type": Application.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Application.GRANT_AUTHORIZATION_CODE,
            "redirect_uris": " ".join(redirect_uris),
            "algorithm": Application.RS256_ALGORITHM,
            # The city's provider asks nobody whether the city's own platform may know who comes.
            "skip_authorization": True,
        },
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="qinqing.identity_provider", description=main.__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on; the loopback one unless told")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="the folder of its key and its database")
    parser.add_argument("--register", type=Path, required=True, help="the JSON file of the persons")
    parser.add_argument("--client-id", default="qinqing")
    parser.add_argument("--redirect-uri", action="append", required=True, help="where the portal takes people back")
    return parser.parse_args()


main()
