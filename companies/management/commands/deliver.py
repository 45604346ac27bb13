"""Delivers a department's file from the command line."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.deliveries.deliver import deliver
from companies.deliveries.delivery_id import id_by_content
from companies.deliveries.signatures.proof import SignedManifest
from companies.deliveries.signatures.words import describe_signer
from companies.models import Delivery
from qinqing.kernel.refusals import Refusal

SHOWN_ROWS = 20


class Command(BaseCommand):
    """`manage.py deliver DATASET FILE`: land the correct rows and show why the others did not land."""

    help = (
        "Take in a file of one dataset: CSV or NDJSON in UTF-8 or GB18030, an xlsx workbook or Parquet; each may be "
        "packed as gzip or zip."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("dataset", help="the dataset's name, such as tax")
        parser.add_argument("file", type=Path)
        parser.add_argument("--id", help="the delivery's id, which lands once (default: dataset, day and SHA-256)")
        parser.add_argument("--as-of", type=dt.date.fromisoformat, help="the day the data is from (default: today)")
        parser.add_argument(
            "--manifest", type=Path, help="the manifest of the file, signed by the department's machine"
        )
        parser.add_argument("--signature", type=Path, help="the signature of the manifest (.sig)")

    def handle(self, *args: Any, dataset: str, file: Path, **options: Any) -> None:
        """Deliver the file, then print the result."""
        now = timezone.now()
        as_of_on = options["as_of"] or timezone.localdate(now)
        try:
            with file.open("rb") as content:
                delivery = deliver(
                    delivery_id=options["id"] or id_by_content(dataset=dataset, as_of_on=as_of_on, content=content),
                    dataset=dataset,
                    content=content,
                    as_of_on=as_of_on,
                    delivered_by=None,
                    now=now,
                    signed=_read_signed(options["manifest"], options["signature"]),
                )
        except OSError as fault:
            raise CommandError(f"{fault.filename or file}: {fault.strerror}.") from fault
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self._show(delivery)

    def _show(self, delivery: Delivery) -> None:
        sentence = _(
            "{id}: of {dataset} {landed} rows landed, {changed} facts are new or changed, "
            "{quarantined} rows are in quarantine."
        )
        counts = {
            "landed": f"{delivery.landed_count:,}",
            "changed": f"{delivery.changed_count:,}",
            "quarantined": f"{delivery.quarantined_count:,}",
        }
        self.stdout.write(sentence.format(id=delivery.delivery_id, dataset=delivery.dataset, **counts))
        if delivery.read_as:
            self.stdout.write(_("The file was read as {format}.").format(format=delivery.read_as))
        self.stdout.write(_("It is {signed}.").format(signed=describe_signer(delivery.signed_with)))
        if delivery.is_repeated:
            self.stdout.write(_("It had landed before; nothing was done again."))
        for row in delivery.quarantined_rows.order_by("row_number")[:SHOWN_ROWS]:
            self.stdout.write(
                _("  row {row}, {column}: {reason}").format(
                    row=row.row_number, column=row.column or "–", reason=row.sentence
                )
            )
        if delivery.quarantined_count > SHOWN_ROWS:
            self.stdout.write(_("  … and {count} more").format(count=delivery.quarantined_count - SHOWN_ROWS))


def _read_signed(manifest: Path | None, signature: Path | None) -> SignedManifest | None:
    """The manifest and its signature; None where neither is named."""
    if manifest is None and signature is None:
        return None
    read = [file.read_bytes() if file else b"" for file in (manifest, signature)]
    return SignedManifest(*read)
