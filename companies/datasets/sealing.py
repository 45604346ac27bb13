"""The sealed columns of this app, to what their values are bound, and how a guard knows a re-seal."""

from __future__ import annotations

from qinqing.kernel.secrets import SealedColumn

ID_NUMBER = SealedColumn("companies_employee", "id_number_encrypted")
ACCOUNT_NUMBER = SealedColumn("companies_payeeaccount", "number_encrypted")


def person_identity(id_number_hash: bytes | memoryview) -> str:
    """What tells a person apart, before the row is written as well: the keyed hash of the ID number."""
    return bytes(id_number_hash).hex()


def account_identity(owner: str, number_hash: bytes | memoryview) -> str:
    """
    What tells an account apart before its row is written: its owner and the keyed hash of its number.

    `owner` is the credit code of a firm or a third party, or a `person_identity`; a row of `companies_payeeaccount`
    gets the same from `companies_account_identity`.
    """
    return f"{owner}/{bytes(number_hash).hex()}"


def is_only_resealed(column: str) -> str:
    """The condition over OLD and NEW that an update re-seals a column and changes nothing else."""
    rest = f"to_jsonb(OLD) - '{column}' = to_jsonb(NEW) - '{column}'"
    return f"({rest} AND companies_is_resealed(OLD.{column}, NEW.{column}))"


def not_resealed(column: str) -> str:
    """The condition over OLD and NEW that an update changes a sealed column otherwise than by a re-seal."""
    changed = f"OLD.{column} IS DISTINCT FROM NEW.{column}"
    return f"({changed} AND companies_is_resealed(OLD.{column}, NEW.{column}) IS NOT TRUE)"
