"""A person proposes to register or to revoke the key of a department's machine, and another one confirms it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from companies.contracts.departments import department_name
from companies.models import Algorithm, DeliveryKey, User
from companies.models.delivery_key import KIND
from companies.people.scope import OutOfScope, scope_of, within_scope
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.kinds import Kind, Term
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

# The number of a key that is still to be registered.
NEW: Final = 0
REVOKED: Final = "revoked"
_STATES = {"in force": gettext_lazy("in force"), REVOKED: pgettext_lazy("key", "revoked")}


class WrongKey(Refusal):
    """The text is no public key that can be registered."""


class KeyKnown(Refusal):
    """The key is, or was, registered."""


class AlreadyRevoked(Refusal):
    """The key is in force no more."""


def propose_key(
    *,
    department: str,
    machine: str,
    public_key: str,
    because: str,
    document_number: str = "",
    actor: User,
    now: dt.datetime,
) -> Proposal:
    """
    Propose the public key (PEM) by which a machine of a department signs.

    Raises:
        WrongKey: the text is no public key of Ed25519.
        KeyKnown: the key is registered already, or was revoked.
        OutOfScope: the actor belongs to another department, or to a district.
        NoReason, AlreadyProposed: as `propose` says.
    """
    _refuse_others(department, actor)
    der = read_public_key(public_key)
    if DeliveryKey.objects.filter(public_key=der).exists():
        raise _key_known()
    after = {
        "department": department,
        "machine": machine.strip(),
        "algorithm": Algorithm.ED25519.value,
        "public_key": der.hex(),
        "fingerprint": hashlib.sha256(der).hexdigest(),
    }
    name = f"{department_name(department)} · {machine.strip()}"
    return _propose(NEW, name, after, because, document_number, actor, now)


@within_scope(key=DeliveryKey)
def propose_revoking(
    *, key: DeliveryKey, because: str, document_number: str = "", actor: User, now: dt.datetime
) -> Proposal:
    """
    Propose to revoke a key; what it signed stays signed.

    Raises:
        AlreadyRevoked: it is in force no more.
        OutOfScope: it is another department's.
        NoReason, AlreadyProposed: as `propose` says.
    """
    if key.revoked_at is not None:
        raise AlreadyRevoked(_("This key is revoked already."))
    return _propose(key.pk, str(key), {"state": REVOKED}, because, document_number, actor, now)


def read_public_key(text: str) -> bytes:
    """
    The public key of a text in PEM, as DER.

    Raises:
        WrongKey: it is none of Ed25519.
    """
    if "PRIVATE KEY" in text:
        raise WrongKey(
            _("This is the private key, which its machine alone may know; make a new pair and bring the public key.")
        )
    try:
        key = load_pem_public_key(text.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise WrongKey(_("This is no public key of Ed25519 in PEM, which begins with “-----BEGIN PUBLIC KEY-----”."))
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _refuse_others(department: str, actor: User) -> None:
    own = scope_of(actor)
    if own.district or own.department not in {"", department}:
        raise OutOfScope(_("You look after keys of your own department alone; choose that one."))


def _propose(
    number: int, name: str, after: dict[str, Any], because: str, document_number: str, actor: User, now: dt.datetime
) -> Proposal:
    return propose(
        kind=KIND,
        subject_id=number,
        subject_name=name,
        after=after,
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )


def _key_known() -> KeyKnown:
    return KeyKnown(_("This key is registered already, or was revoked; make a new pair of keys."))


def _refusals() -> Mapping[str, Refusal]:
    return {"delivery_key_once": _key_known()}


def _list_consequences(proposal: Proposal) -> Sequence[str]:
    if proposal.subject_id == NEW:
        return (
            _("Ask the department, over a number that you know, for the fingerprint, and compare all of it."),
            _("What the machine signs lands as signed by the department."),
        )
    return (_("Nothing lands any more that is signed with it; what has landed stays."),)


DELIVERY_KEY: Final = Kind(
    name=KIND,
    title=gettext_lazy("key of a department’s machine"),
    reads="companies.view_deliverykey",
    decides="companies.change_deliverykey",
    terms=(
        Term("department", gettext_lazy("department"), lambda code: str(department_name(code))),
        Term("machine", gettext_lazy("machine")),
        Term("algorithm", gettext_lazy("algorithm"), lambda value: str(dict(Algorithm.choices).get(value, value))),
        Term("fingerprint", gettext_lazy("fingerprint")),
        Term("state", gettext_lazy("state"), lambda value: str(_STATES.get(value, value))),
    ),
    url_name="admin:companies_deliverykey_change",
    consequences=_list_consequences,
    # New keys share a number, so several of them wait.
    may_wait_beside_others=True,
    refusals=_refusals,
)
