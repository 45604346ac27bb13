"""The commitments that a page shows, and the digests by which the page names them when it is sent back."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import NamedTuple

from companies.models import Company
from qinqing.kernel.database.prepared_statements import fetch_rows_by_size_as
from qinqing.kernel.text import Bilingual

# With 128 bits nobody finds a second text for a digest, and a page of many offers stays small.
DIGEST_DIGITS = 32


class ReadCommitments(NamedTuple):
    """The commitments that an owner read and accepted, as one text, with the ids of their versions."""

    text: str
    versions: frozenset[int]


class _Commitment(NamedTuple):
    version: int
    title_zh: str
    title_en: str
    commitment_zh: str
    commitment_en: str

    @property
    def text(self) -> str:
        return commitment_text(
            Bilingual(self.title_zh, self.title_en), Bilingual(self.commitment_zh, self.commitment_en)
        )


def commitment_text(title: Bilingual, commitment: Bilingual) -> str:
    """One policy's part of the commitment, in the active language."""
    return f"{title}\n{commitment}".strip()


def digest(text: str) -> str:
    """The digest that a page sends back for a commitment that it showed."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_DIGITS]


def find_read_commitments(
    *, company: Company, entitlement_ids: Sequence[int], digests: Collection[str]
) -> ReadCommitments:
    """
    Find the commitments that the page showed, in the active language, among the policies of these entitlements.

    A version's text never changes, so a claim only compares the versions of its locked entitlements with these.
    """
    rows = fetch_rows_by_size_as(
        _Commitment,
        """
        SELECT v.id AS version, y.title_zh, y.title_en, v.commitment_zh, v.commitment_en
        FROM policies_policyversion v JOIN policies_policy y ON y.id = v.policy_id
        WHERE v.id IN (SELECT version_id FROM policies_entitlement WHERE id = ANY(%(ids)s) AND company_id = %(company)s)
        ORDER BY y.code, v.id
        """,
        ids=list(entitlement_ids),
        company=company.pk,
    )
    read = {row.version: row.text for row in rows if digest(row.text) in digests}
    return ReadCommitments("\n\n".join(read.values()), frozenset(read))
