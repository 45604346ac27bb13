"""The register of persons: who they are, how surely that is known, and which firms they represent."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

# The file of the register; it is read anew each time, so that a claim may end while the provider runs.
REGISTER_VARIABLE = "IDENTITY_REGISTER"


@dataclass(frozen=True, slots=True)
class LegalPerson:
    """A firm for which a person acts, and what the person is to it: representative or authorised."""

    credit_code: str
    company_name: str
    role: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person; `level` says how surely the provider knows the person, from 1 (a telephone) to 4 (at a counter)."""

    subject: str
    name: str
    level: int
    legal_persons: tuple[LegalPerson, ...] = ()


def read_register() -> dict[str, Person]:
    """The persons of the register by their subjects."""
    rows = json.loads(Path(os.environ[REGISTER_VARIABLE]).read_text())
    return {row["subject"]: _read(row) for row in rows}


def write_register(file: Path, persons: Sequence[Person]) -> None:
    """Make these the persons of a register."""
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps([asdict(each) for each in persons], ensure_ascii=False, indent=1))
    # A provider that reads at this moment gets the old register or the new one, whole.
    draft.replace(file)


def _read(row: dict[str, object]) -> Person:
    legal_persons = row.pop("legal_persons")
    assert isinstance(legal_persons, list)
    return Person(**row, legal_persons=tuple(LegalPerson(**each) for each in legal_persons))  # type: ignore[arg-type]
