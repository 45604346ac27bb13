"""Whose the rows of payouts are."""

from __future__ import annotations

from django.db.models import Model

from companies.people.scope import OF_THE_CITY, Belongs, column, firm, of_policy
from payouts.models import (
    Appeal,
    Bank,
    BankTemplate,
    Batch,
    BatchFile,
    Blacklisting,
    Claim,
    Download,
    Finding,
    Fine,
    FraudFinding,
    Fund,
    Grant,
    HearingNotice,
    Instruction,
    LeaseRelease,
    Objection,
    Payout,
    PostCheck,
    Posting,
    Publication,
    Recovery,
    Reply,
    ReplyFile,
    ReplyLine,
    ReplyTemplate,
    SamplingPlan,
    Settlement,
    Share,
)


def scopes() -> dict[type[Model], Belongs]:
    """Every model of the app that officials reach."""
    return {
        Payout: _of_payout(""),
        Claim: Belongs(firm("company")),
        Publication: _of_payout("payout"),
        Objection: _of_payout("publication__payout"),
        Instruction: _of_payout("payout"),
        Reply: _of_payout("instruction__payout"),
        Finding: _of_payout("reply__instruction__payout"),
        PostCheck: _of_payout("payout"),
        Recovery: _of_payout("payout"),
        Appeal: _of_payout("recovery__payout"),
        Blacklisting: _of_payout("recovery__payout"),
        FraudFinding: _of_payout("recovery__payout"),
        Fine: _of_payout("recovery__payout"),
        HearingNotice: _of_payout("recovery__payout"),
        # The money of a policy, and what pays it.
        Fund: of_policy("version__policy"),
        Grant: of_policy("fund__version__policy"),
        Posting: of_policy("fund__version__policy"),
        Share: of_policy("version__policy"),
        SamplingPlan: of_policy("version__policy"),
        Batch: of_policy("fund__version__policy"),
        BatchFile: of_policy("batch__fund__version__policy"),
        Download: of_policy("file__batch__fund__version__policy"),
        # A settlement is between the levels of one district.
        Settlement: Belongs(column("district"), column("fund__version__policy__department")),
        # A file of replies may answer for every fund, and the platform works for the whole city.
        **dict.fromkeys((Bank, BankTemplate, ReplyTemplate, ReplyFile, ReplyLine, LeaseRelease), OF_THE_CITY),
    }


def _of_payout(path: str) -> Belongs:
    """Rows about a payout: it belongs to the district of its firm on the day of the claim."""
    before = f"{path}__" if path else ""
    return Belongs(column(f"{before}district"), column(f"{before}policy__department"))
