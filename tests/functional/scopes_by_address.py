"""
Who, of a district or a department, finds which rows: one character for each scope, in the order of `SCOPES`.

"=" gets what the same role of the city gets, "0" finds nothing. The rows of the world belong to the first district and,
where they belong to a department, to the first department.
"""

from __future__ import annotations

SCOPES = ("own district", "other district", "own department", "other department")

# The pages of single rows, by the kind of row.
_ROWS = {
    # A policy, and what belongs to it.
    "=0=0": """
        policies_breaker policies_matchrun policies_policy policies_policyversion policies_reminderround
        policies_suspension policies_whitelist policies_whitelistentry
        payouts_batch payouts_download payouts_fund payouts_grant payouts_posting payouts_samplingplan payouts_share
    """,
    # A payout: its district is the firm's, its department the policy's.
    "=0=0 ": """
        payouts_appeal payouts_blacklisting payouts_finding payouts_instruction payouts_objection payouts_payout
        payouts_postcheck payouts_publication payouts_recovery payouts_reply payouts_settlement
        policies_entitlement policies_reminder
    """,
    # An official of a district or a department.
    "=0=0  ": """
        companies_user
    """,
    # Firms and people, whom every department may meet.
    "=0==": """
        companies_company companies_employee companies_membership companies_payeeaccount payouts_claim
    """,
    # A delivery is of the whole city, and its department's.
    "00=0": """
        companies_datasource companies_delivery companies_deliverykey companies_sourcepull
    """,
    # What a department declares, everybody else may read.
    "===0": """
        companies_datasetcontract
    """,
    # What belongs to the whole city.
    "00==": """
        axes_accessattempt axes_accessfailurelog axes_accesslog companies_accountstop
        companies_adminrecord companies_apitoken
        companies_signin companies_thirdparty payouts_bank payouts_banktemplate payouts_leaserelease
        payouts_replyfile payouts_replyline payouts_replytemplate policies_namedclause policies_stackinggroup
    """,
    # What everybody may read.
    "====": """
        auth_group companies_department companies_district
    """,
    # A proposal is its subject's; the newest of the world is about a source of a department's dataset.
    "00=0 ": """
        proposals_proposal
    """,
}
# Pages that are not like their kind of row.
_PAGES = {
    # A district has its own part of the list, although the row of the world is not in every scope.
    "====": """
        admin:proposals_proposal_changelist admin:proposals_proposal_add
    """,
    # An empty file, for those who deliver the dataset.
    "00=0": """
        admin:companies_delivery_template
    """,
    # For the people of the department alone.
    "..=0": """
        admin:companies_datasetcontract_retire admin:companies_datasetcontract_write_next
    """,
    # The whole city's work.
    "0000": """
        admin:payouts_pairs
    """,
    "....": """
        admin:payouts_batch_seal_sent
    """,
}
# The outcome of an empty form, where it differs from that of a look.
_POSTED = {
    # An example takes the facts of any firm of the city.
    ".0.0": """
        admin:policies_policyversion_examples
    """,
    "====": """
        admin:companies_datasetcontract_rows
    """,
    # The page is to be looked at alone.
    "00==": """
        admin:companies_delivery_template
    """,
}


def of_rows() -> dict[str, str]:
    """What each scope gets on the pages of a row, by the name of its kind."""
    return {kind: scopes.strip() for scopes, kinds in _ROWS.items() for kind in kinds.split()}


def of_pages(*, posted: bool = False) -> dict[str, str]:
    """What each scope gets on a page, by its address's name, where it is not like the kind's row."""
    tables = (_PAGES, _POSTED) if posted else (_PAGES,)
    return {name: scopes for table in tables for scopes, names in table.items() for name in names.split()}
