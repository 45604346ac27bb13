"""Contracts of a dataset that does not ship, and the rows that declare them."""

from __future__ import annotations

from typing import Any

from companies.contracts.change import DATASET_CONTRACT, RETIRED
from companies.contracts.contract import Code, Contract, Property, Role, Subject, Type, Word
from companies.contracts.declare import make_row
from companies.contracts.read import YUAN
from companies.contracts.registry import forget
from companies.contracts.write import write_contract
from companies.models import DatasetContract, User
from qinqing.proposals.models import Proposal
from tests.factories.clock import NOW
from tests.factories.people import make_user

FIRM = Property(
    "credit_code", Word("信用代码", "Credit code"), Type.CREDIT_CODE, is_required=True, role=Role.CREDIT_CODE
)
PERSON = Property(
    "id_number", Word("身份号码", "ID number"), Type.ID_NUMBER, is_required=True, role=Role.ID_NUMBER, is_sealed=True
)


def make_column(name: str, kind: Type = Type.WHOLE, *, unit: str = "", codes: str = "", **terms: Any) -> Property:
    """A column of a contract; `codes` stand side by side."""
    sizes: dict[Type, dict[str, Any]] = {Type.TEXT: {"length": 20}, Type.NUMBER: {"digits": 5, "places": 2}}
    listed = tuple(Code(code, Word(code, code)) for code in codes.split())
    # Money is told from other numbers by its unit.
    unit = unit or (YUAN if kind is Type.YUAN else "")
    return Property(name, Word("列", "Column", unit), kind, codes=listed, **(sizes.get(kind, {}) | terms))


MONTH = make_column("month", Type.MONTH, is_required=True)


def make_contract(*columns: Property, name: str = "tolls", version: str = "1.0.0", **terms: Any) -> Contract:
    """A contract about firms and months, with further columns."""
    usual = {"department": "tax", "subject": Subject.COMPANY, "key": ("credit_code", "month")}
    properties = terms.pop("properties", (FIRM, MONTH, *columns))
    return Contract(name, Word("过路费", "Tolls"), version, properties=properties, **(usual | terms))


def declare(contract: Contract, *, actor: User | None = None) -> DatasetContract:
    """Declare a contract as one person does; the database builds or widens its table."""
    row = make_row(contract, write_contract(contract), now=NOW, actor=actor)
    row.save(force_insert=True)
    forget()
    return row


def declare_by_two(contract: Contract) -> None:
    """Declare a contract that may narrow the one in force."""
    row = make_row(contract, write_contract(contract), now=NOW)
    _agree(contract.name, {"version": row.version, "text": row.text, "sha256": row.sha256, "shape": row.shape})


def retire(name: str) -> None:
    """Retire a dataset, as two people do."""
    _agree(name, {"state": RETIRED})


def _agree(name: str, after: dict[str, Any]) -> None:
    in_force = DatasetContract.objects.filter(name=name).latest("pk")
    proposal = Proposal.objects.create(
        kind=DATASET_CONTRACT.name,
        subject_id=in_force.pk,
        subject_name=str(in_force),
        after=after,
        because="新的规定",
        proposed_at=NOW,
        proposed_by=make_user("proposer"),
    )
    proposal.decision, proposal.decided_by, proposal.decided_at = "confirmed", make_user("confirmer"), NOW
    proposal.save(update_fields=["decision", "decided_by", "decided_at"])
    forget()
