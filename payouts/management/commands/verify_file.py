"""`manage.py verify_file FILE SIGNATURE` says whether a detached signature fits a file, and whose it is."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime

from payouts.models import HandOverStep
from qinqing.kernel.signatures import Signed, fits, write_public_key


class Command(BaseCommand):
    """Say whether the signature fits; end with 1 if it does not."""

    help = "Says whether a signature fits a file that was handed to a bank; without a key, by those we signed with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the two files, and a public key if it is another one."""
        parser.add_argument("file", type=Path)
        parser.add_argument("signature", type=Path, help="the 64 bytes of the .sig")
        parser.add_argument("--public-key", type=Path, help="a public key in PEM; else the keys of all hand-overs")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        """Print whose signature it is."""
        try:
            content, signature = options["file"].read_bytes(), options["signature"].read_bytes()
            keys = [_read_key(options["public_key"])] if options["public_key"] else list(_known_keys())
        except (OSError, ValueError) as trouble:
            raise CommandError(f"Nothing was checked: {trouble}.") from trouble
        fitting = [key for key in keys if fits(content, signed=Signed(signature, key))]
        if not fitting:
            raise CommandError(f"The signature does NOT fit this file by any of {len(keys)} keys. Do not pay by it.")
        self.stdout.write(f"The signature fits this file.{_describe(signature)}")
        self.stdout.write(write_public_key(fitting[0]).strip())


def _known_keys() -> Iterable[bytes]:
    keys = HandOverStep.objects.filter(kind=HandOverStep.Kind.STORED).values_list("public_key", flat=True)
    return dict.fromkeys(bytes(key) for key in keys.order_by("-pk") if key)


def _read_key(file: Path) -> bytes:
    key = load_pem_public_key(file.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(f"{file} holds another kind of key")
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _describe(signature: bytes) -> str:
    step = HandOverStep.objects.filter(signature=signature).select_related("batch").order_by("pk").first()
    return f" Batch {step.batch.message_id}, signed {localtime(step.at):%Y-%m-%d %H:%M}." if step else ""
