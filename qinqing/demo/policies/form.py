"""What a policy of the demo says, and the conditions that many of them share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from policies.models import Payee, Subject, Track
from policies.operations import ClauseText
from qinqing.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class DemoPolicy:
    """
    A policy and its first version.

    `granted_cny` is enough for a city of 160,000 companies; `window_days` is how long claims are taken.
    """

    code: str
    title: Bilingual
    summary: Bilingual
    department: str
    clauses: tuple[ClauseText, ...]
    amount_feel: str
    granted_cny: Decimal
    as_of_on: dt.date
    subject: Subject = Subject.COMPANY
    payee: Payee = Payee.COMPANY
    period_label: str = ""
    cap_cny: Decimal | None = None
    # The texts know publicity periods too; until that track exists, instant is assumed.
    track: Track = Track.INSTANT
    window_days: int = 90

    @property
    def commitment(self) -> Bilingual:
        """What the firm signs with its click."""
        return Bilingual(
            f"本单位已阅读“{self.title.zh}”的条件，承诺符合全部条件、所涉信息真实；如有不实，愿退回资金并承担相应责任。",
            f"We have read the conditions of “{self.title.en}” and meet all of them; what is known about us is true. "
            "Should it prove otherwise, we return the money and answer for it.",
        )


ACTIVE = ClauseText("企业存续", "The firm is in business", 'company.standing = "active"')
NOT_DISHONEST = ClauseText(
    "未被列入严重失信名单",
    "Not on the list of serious dishonesty",
    'count(credit[kind = "serious_dishonesty" and removed_on = null]) = 0',
)
NOT_ZOMBIE = ClauseText("非僵尸企业", "Not a zombie firm", 'count(credit[kind = "zombie" and removed_on = null]) = 0')
