"""
The manifest of a delivery: the few lines of JSON that a department's machine signs.

It holds these six names and no others: `dataset`, `delivery_id`, `as_of`, `sha256` and `row_count` of the file, and
`contract_version`, the version of the dataset's contract (null for a dataset without one). A CSV file's header and
blank lines are no rows. The signature is over the bytes of the manifest as they are sent.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from typing import Any, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.deliveries.delivery_id import DELIVERY_ID_FORM
from qinqing.kernel.refusals import Refusal

MAX_MANIFEST_BYTES: Final = 16 << 10
MOST_ROWS: Final = 10**12
# How each text is written, with an example.
_FORMS: Final[dict[str, tuple[re.Pattern[str], str]]] = {
    "dataset": (re.compile(r"[a-z][a-z0-9_]{0,39}"), "tax"),
    "delivery_id": (DELIVERY_ID_FORM, "tax-2024-03"),
    "as_of": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "2024-03-31"),
    "sha256": (re.compile(r"[0-9a-f]{64}"), "9f86d081…"),
    "contract_version": (re.compile(r"[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}"), "1.0.0"),
}


class WrongManifest(Refusal):
    """The bytes are no manifest."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a machine says of the file that it delivers; `as_of` is a day, in the form 2024-03-31."""

    dataset: str
    delivery_id: str
    as_of: str
    sha256: str
    row_count: int
    contract_version: str | None


def read_manifest(content: bytes) -> Manifest:
    """
    Read the bytes of a manifest.

    Raises:
        WrongManifest: they are none.
    """
    if len(content) > MAX_MANIFEST_BYTES:
        sentence = _("The manifest is longer than {limit} bytes; send that of this file, with its six names alone.")
        raise WrongManifest(format_lazy(sentence, limit=MAX_MANIFEST_BYTES))
    told = _read_object(content)
    names = [field.name for field in fields(Manifest)]
    if sorted(told) != sorted(names):
        sentence = _("The manifest has to hold these names and no others: {names}.")
        raise WrongManifest(format_lazy(sentence, names=", ".join(names)))
    for name, value in told.items():
        _check_form(name, value)
    return Manifest(**told)


def _read_object(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content.decode(), object_pairs_hook=_refuse_repeated_names)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise WrongManifest(_("The manifest is no JSON object in UTF-8; write it anew and sign it."))
    return told


def _refuse_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("A name is there twice.")
    return found


def _check_form(name: str, value: object) -> None:
    if name == "row_count":
        # For Python, true is a number.
        is_right, example = type(value) is int and 0 <= value < MOST_ROWS, "1200"
    elif name == "contract_version" and value is None:
        return
    else:
        form, example = _FORMS[name]
        is_right = isinstance(value, str) and form.fullmatch(value) is not None
    if not is_right:
        sentence = _("“{name}” in the manifest is not written as it should be, such as {example}.")
        raise WrongManifest(format_lazy(sentence, name=name, example=example))
