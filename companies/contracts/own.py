"""The datasets whose rows are no table of a contract: the register of firms, and what the platform itself knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from companies.contracts.contract import Word
from companies.datasets.catalogue import Absence


@dataclass(frozen=True, slots=True)
class OwnDataset:
    """How such a dataset is called, whose it is, and which facts it has."""

    name: str
    zh: str
    en: str
    department: str
    words: Mapping[str, Word]
    absence: Absence = Absence.UNKNOWN
    freshness_days: int | None = None


REGISTRATION = OwnDataset(
    name="registration",
    zh="市场主体登记",
    en="Registration",
    department="market",
    words={
        "credit_code": Word("统一社会信用代码", "Credit code"),
        "industry": Word("行业代码", "Industry code"),
        "district": Word("所属区县", "District"),
        "size": Word("企业规模", "Size class"),
        "founded_on": Word("成立日期", "Founded on"),
        "standing": Word("登记状态", "Standing"),
        "ownership": Word("所有制", "Ownership"),
        "is_government_unit": Word("是否机关事业单位", "Is a government unit"),
    },
)
# What the platform itself has paid. The rows come from a view of payouts, an app that companies does not import.
RECEIVED = OwnDataset(
    name="received",
    zh="已兑付",
    en="Received",
    department="treasury",
    absence=Absence.NONE,
    words={
        "policy": Word("政策编号", "Policy code"),
        "period": Word("周期", "Period"),
        "amount": Word("金额", "Amount", "元"),
        "paid_on": Word("到账日期", "Paid on"),
    },
)
RECEIVED_RELATION = "payouts_received"
# The firms that broke a commitment by fraud and cannot claim for some years; also a view of payouts.
BLACKLIST = OwnDataset(
    name="blacklist",
    zh="平台失信名单",
    en="Blacklist of the platform",
    department="platform",
    absence=Absence.NONE,
    words={"begins_on": Word("起始日", "From"), "ends_on": Word("截止日", "Until")},
)
BLACKLIST_RELATION = "payouts_blacklisted"
# A function of a day that returns the rows which keep a firm from claiming on that day.
BLACKLISTED_ON = "payouts_blacklisted_on"
# The datasets that the platform itself knows about firms; no department delivers them.
OWN_DATASETS = (RECEIVED, BLACKLIST)
