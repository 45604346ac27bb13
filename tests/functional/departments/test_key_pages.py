"""The pages of keys: a department proposes its machine's key, a security administrator confirms it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import DeliveryKey
from qinqing.proposals.models import Proposal
from tests.factories.clients import sign_in, sign_in_official
from tests.factories.people import make_department_user
from tests.factories.signatures import make_private_key, pem_of, register

pytestmark = pytest.mark.django_db
ADD = "admin:companies_deliverykey_add"


@pytest.fixture
def department() -> Client:
    return sign_in(make_department_user())


@pytest.fixture
def administrator() -> Client:
    return sign_in_official("security_administrator")


def asked(**fields: str) -> dict[str, str]:
    usual = {"department": "tax", "machine": "exporter 2", "public_key": pem_of(make_private_key()), "because": "new"}
    return usual | fields


def decide(client: Client, proposal: Proposal) -> int:
    return client.post(reverse("admin:proposals_proposal_confirm", args=[proposal.pk])).status_code


def test_a_department_proposes_and_an_administrator_confirms(department: Client, administrator: Client) -> None:
    assert "export server 2" in department.get(reverse(ADD)).content.decode()
    answer = department.post(reverse(ADD), asked(), follow=True)
    assert "another person, has to confirm it" in answer.content.decode()
    proposal = Proposal.objects.get()
    assert department.get(reverse("admin:proposals_proposal_change", args=[proposal.pk])).status_code == 200
    assert decide(department, proposal) == 403
    assert not DeliveryKey.objects.exists()
    page = administrator.get(reverse("admin:proposals_proposal_change", args=[proposal.pk])).content.decode()
    assert proposal.after["fingerprint"] in page
    assert decide(administrator, proposal) == 302
    key = DeliveryKey.objects.get()
    assert (
        key.fingerprint in department.get(reverse("admin:companies_deliverykey_change", args=[key.pk])).content.decode()
    )

    revoking = reverse("admin:companies_deliverykey_propose_revoking", args=[key.pk])
    assert "Nothing lands any more" in department.get(revoking).content.decode()
    department.post(revoking, {"because": "lost"})
    assert decide(administrator, Proposal.objects.latest("pk")) == 302
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert "revoked" in administrator.get(reverse("admin:companies_deliverykey_changelist")).content.decode()


def test_an_administrator_who_proposes_does_not_confirm(administrator: Client) -> None:
    administrator.post(reverse(ADD), asked())
    decide(administrator, Proposal.objects.get())
    assert not DeliveryKey.objects.exists()
    assert decide(sign_in_official("security_administrator", "second"), Proposal.objects.get()) == 302
    assert DeliveryKey.objects.count() == 1


def test_a_department_knows_and_proposes_its_own_alone(department: Client) -> None:
    department.post(reverse(ADD), asked(department="labour"))
    assert not Proposal.objects.exists()
    theirs = register(make_private_key(), department="labour")
    for page in ("change", "propose_revoking"):
        answer = department.get(reverse(f"admin:companies_deliverykey_{page}", args=[theirs.pk]))
        assert answer.status_code in (302, 404)
    sign_in_official("security_administrator").post(reverse(ADD), asked(department="labour"))
    other = Proposal.objects.get(decision="")
    assert department.get(reverse("admin:proposals_proposal_change", args=[other.pk])).status_code in (302, 404)


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"public_key": "x"}, "no public key of Ed25519"), ({"because": ""}, "required"), ({"because": " "}, "required")],
)
def test_a_wrong_form_is_shown_again(department: Client, fields: dict[str, str], said: str) -> None:
    assert said in department.post(reverse(ADD), asked(**fields)).content.decode()
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("auditor", 403), ("finance", 403), ("officer", 403)])
def test_others_propose_nothing(role: str, status: int) -> None:
    assert sign_in_official(role).get(reverse(ADD)).status_code == status
