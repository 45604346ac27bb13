"""The departments that share data when the platform is new; others are added in the desk."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from qinqing.kernel.text import Bilingual

# The departments that are in charge of policies and deliver data.
FIRST_OFFICES: Final = MappingProxyType(
    {
        "market": Bilingual("市场监督管理局", "Market Regulation"),
        "tax": Bilingual("税务局", "Tax"),
        "labour": Bilingual("人力资源和社会保障局", "Human Resources and Social Security"),
        "credit": Bilingual("信用管理办公室", "Credit Office"),
        "statistics": Bilingual("统计局", "Statistics"),
        "housing": Bilingual("住房保障和房产管理局", "Housing"),
        "civil": Bilingual("民政局", "Civil Affairs"),
        "utilities": Bilingual("公用事业监管中心", "Utilities"),
        "science": Bilingual("科学技术局", "Science and Technology"),
        "finance": Bilingual("地方金融管理局", "Financial Affairs"),
        "treasury": Bilingual("财政局", "Treasury"),
        "health": Bilingual("卫生健康委员会", "Health"),
        "commerce": Bilingual("商务局", "Commerce"),
        "economy": Bilingual("经济和信息化局", "Economy and Information Technology"),
    }
)
# The platform is a source of facts too, and nobody delivers its own facts.
PLATFORM: Final = ("platform", Bilingual("兑付平台", "The platform"))
