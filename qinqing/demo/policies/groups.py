"""Which policies of the demo depend on each other."""

from __future__ import annotations

from dataclasses import dataclass

from policies.models import Holder, StackingRule
from qinqing.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """A stacking group and the codes of its policies."""

    code: str
    title: Bilingual
    rule: StackingRule
    holder: Holder
    members: tuple[str, ...]
    pays_difference: bool = False


GROUPS = (
    DemoGroup(
        "sales-awards",
        Bilingual("销售增量与上限奖励就高不重复", "Awards for sales: only the higher one"),
        StackingRule.HIGHER_ONLY,
        Holder.COMPANY,
        ("P-05", "P-09"),
    ),
    DemoGroup(
        "one-hire",
        Bilingual("扩岗补助与吸纳就业补贴不重复", "One subsidy for one hire"),
        StackingRule.FIRST_WINS,
        Holder.PERSON,
        ("P-17", "P-18"),
    ),
    DemoGroup(
        "stay-and-train",
        Bilingual("稳岗返还与留工补助可同享", "The refund and the stay-and-train subsidy go together"),
        StackingRule.MAY_COEXIST,
        Holder.COMPANY,
        ("P-14", "P-16"),
    ),
    DemoGroup(
        "central-interest",
        Bilingual("同一贷款只享受一项中央贴息", "One central interest subsidy for one loan"),
        StackingRule.FIRST_WINS,
        Holder.SUBJECT,
        ("P-28", "P-29"),
    ),
    DemoGroup(
        "rent",
        Bilingual("房租补贴与租金减免不重复", "Either a rent subsidy or rent relief"),
        StackingRule.FIRST_WINS,
        Holder.COMPANY,
        ("P-33", "P-34"),
    ),
    DemoGroup(
        "specialised-title",
        Bilingual("专精特新称号奖励就高补差", "Specialised firms: the higher award, less what was paid for the lower"),
        StackingRule.HIGHER_ONLY,
        Holder.COMPANY,
        ("P-39", "P-40"),
        pays_difference=True,
    ),
)
