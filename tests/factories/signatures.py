"""Keys of departments' machines, and what they sign."""

from __future__ import annotations

import hashlib
import io
import json
from itertools import count

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from companies.contracts.registry import contracts
from companies.deliveries.signatures.keys import propose_key, propose_revoking
from companies.deliveries.signatures.proof import SignedManifest
from companies.models import DeliveryKey
from qinqing.kit.sign_delivery import make_manifest
from qinqing.proposals.decide import confirm
from qinqing.proposals.models import Proposal
from tests.factories.clock import NOW, TODAY
from tests.factories.people import make_user

_serials = count(1)


def make_private_key() -> Ed25519PrivateKey:
    """The private key of a machine; each is another, and the same in each run."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"machine {next(_serials)}".encode()).digest())


def pem_of(key: Ed25519PrivateKey) -> str:
    """The public key as a person pastes it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def der_of(key: Ed25519PrivateKey) -> bytes:
    """The public key as the database keeps it."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_proposal(key: Ed25519PrivateKey, *, department: str = "tax", machine: str = "出口机") -> Proposal:
    """A proposal to register a key."""
    return propose_key(
        department=department,
        machine=machine,
        public_key=pem_of(key),
        because="新的导出机",
        actor=make_user("keeper", is_staff=True),
        now=NOW,
    )


def register(key: Ed25519PrivateKey, *, department: str = "tax", machine: str = "出口机") -> DeliveryKey:
    """Register a key by two people."""
    waiting = key_proposal(key, department=department, machine=machine)
    confirm(proposal_id=waiting.pk, actor=make_user("other keeper", is_staff=True), now=NOW)
    return DeliveryKey.objects.get(public_key=der_of(key))


def revoke(key: DeliveryKey) -> DeliveryKey:
    """Revoke a key by two people."""
    waiting = propose_revoking(key=key, because="机器丢失", actor=make_user("keeper", is_staff=True), now=NOW)
    confirm(proposal_id=waiting.pk, actor=make_user("other keeper", is_staff=True), now=NOW)
    key.refresh_from_db()
    return key


def sign(
    content: bytes, *, key: Ed25519PrivateKey, dataset: str = "tax", delivery_id: str = "tax-1", **told: object
) -> SignedManifest:
    """A manifest of a file by the department's own program, with its signature; `told` says something else."""
    contract = contracts().get(dataset)
    manifest = make_manifest(
        io.BytesIO(content),
        dataset=dataset,
        as_of=TODAY.isoformat(),
        delivery_id=delivery_id,
        contract_version=contract.version if contract else None,
    )
    if told:
        manifest = json.dumps(json.loads(manifest) | told).encode()
    return SignedManifest(manifest, key.sign(manifest))
