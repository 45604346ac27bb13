"""The sections of the classification of industries, GB/T 4754-2017, by their letters."""

from __future__ import annotations

from collections.abc import Mapping

from qinqing.kernel.text import Bilingual

SECTIONS: Mapping[str, Bilingual] = {
    "A": Bilingual("农、林、牧、渔业", "Agriculture, forestry, fishing"),
    "B": Bilingual("采矿业", "Mining"),
    "C": Bilingual("制造业", "Manufacturing"),
    "D": Bilingual("电力、热力、燃气及水生产和供应业", "Electricity, heat, gas, water"),
    "E": Bilingual("建筑业", "Construction"),
    "F": Bilingual("批发和零售业", "Wholesale and retail"),
    "G": Bilingual("交通运输、仓储和邮政业", "Transport, storage, post"),
    "H": Bilingual("住宿和餐饮业", "Lodging and catering"),
    "I": Bilingual("信息传输、软件和信息技术服务业", "Information and software"),
    "J": Bilingual("金融业", "Finance"),
    "K": Bilingual("房地产业", "Real estate"),
    "L": Bilingual("租赁和商务服务业", "Leasing and business services"),
    "M": Bilingual("科学研究和技术服务业", "Research and technical services"),
    "N": Bilingual("水利、环境和公共设施管理业", "Water, environment, public facilities"),
    "O": Bilingual("居民服务、修理和其他服务业", "Household services, repair"),
    "P": Bilingual("教育", "Education"),
    "Q": Bilingual("卫生和社会工作", "Health and social work"),
    "R": Bilingual("文化、体育和娱乐业", "Culture, sports, entertainment"),
    "S": Bilingual("公共管理、社会保障和社会组织", "Public administration"),
    "T": Bilingual("国际组织", "International organisations"),
}
