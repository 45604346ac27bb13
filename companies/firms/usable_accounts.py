"""Which accounts take no money at a moment, as SQL for those who send it."""

# ruff: noqa: S608 - what is put into this statement are texts of our own.
from __future__ import annotations

from typing import LiteralString

# An account in its cool-off, and every other account of its payee: the payee's money waits for it. While a stop of
# changed accounts is open, so do those that were in their cool-off then. An account that was stopped takes no money
# either; where another is in use, payouts follow that one.
_CHANGED: LiteralString = """
            SELECT a.id, a.company_id, a.employee_id, a.third_party_id FROM companies_payeeaccount a
            WHERE a.confirmation <> '' AND (
                a.is_active AND a.usable_from > least(
                    {at}, (SELECT min(s.stopped_at) FROM companies_accountstop s WHERE s.lifted_at IS NULL)
                )
                OR a.stopped_at IS NOT NULL AND NOT EXISTS (
                    SELECT FROM companies_payeeaccount u WHERE u.is_active AND u.company_id = a.company_id
                )
            )
"""


def select_unusable_accounts(at: LiteralString) -> LiteralString:
    """The query of the accounts to which nothing is paid at a moment, which `at` gives, such as `%(now)s`."""
    return f"""
        WITH changed AS ({_CHANGED.replace("{at}", at)})
        SELECT a.id FROM changed JOIN companies_payeeaccount a ON a.company_id = changed.company_id
        UNION ALL
        SELECT a.id FROM changed JOIN companies_payeeaccount a ON a.employee_id = changed.employee_id
        UNION ALL
        SELECT a.id FROM changed JOIN companies_payeeaccount a ON a.third_party_id = changed.third_party_id
    """
