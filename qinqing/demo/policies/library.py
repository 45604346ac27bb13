"""The conditions that many policies share; rules mention them by name."""

from __future__ import annotations

from policies.authoring.parts import ClauseText


def shared(title_zh: str, title_en: str, name: str) -> ClauseText:
    """A clause that is nothing but a condition of the library."""
    return ClauseText(title_zh, title_en, name)


def _off_list(kind: str) -> str:
    return f'count(credit[kind = "{kind}" and removed_on = null]) = 0'


# name, Chinese name, title in Chinese and English, the condition
LIBRARY = (
    ("in_business", "企业存续", "企业存续", "The firm is in business", 'company.standing = "active"'),
    (
        *("not_dishonest", "非严重失信", "未被列入严重失信名单", "Not on the list of serious dishonesty"),
        _off_list("serious_dishonesty"),
    ),
    (
        *("not_judgment_defaulter", "非失信被执行人", "不是失信被执行人", "Not a judgment defaulter"),
        _off_list("judgment_defaulter"),
    ),
    (
        *("no_wage_arrears", "无拖欠工资", "未被列入拖欠工资黑名单", "Not on the blacklist of wage arrears"),
        _off_list("wage_arrears"),
    ),
    ("not_zombie", "非僵尸企业", "非僵尸企业", "Not a zombie firm", _off_list("zombie")),
    (
        *("not_abnormal", "未列入经营异常", "未被列入经营异常名录", "Not on the list of abnormal operation"),
        _off_list("abnormal_operation"),
    ),
    ("not_state_owned", "非国有企业", "非国有企业", "Not state-owned", 'company.ownership != "state"'),
    (
        *("not_government", "非机关事业单位", "非机关事业单位", "Not a government unit"),
        "company.is_government_unit = false",
    ),
    (
        *("not_labour_dispatch", "非劳务派遣单位", "非劳务派遣单位", "Not a labour-dispatch firm"),
        'not(starts with(company.industry, "L7264"))',
    ),
    (
        *("small_firm", "中小微企业", "中小微企业", "A medium, small or micro firm"),
        'company.size in ("medium", "small", "micro")',
    ),
    # Catering, retail, tourism, civil aviation, and transport by rail, road and water; tourism is read as travel
    # agencies (7291) and scenic areas (786) of GB/T 4754-2017 (assumed).
    (
        *("hit_industry", "特困行业", "五个特困行业", "One of the five industries hit hardest"),
        'some code in ["H62", "F52", "L7291", "N786", "G53", "G54", "G55", "G56"]'
        " satisfies starts with(company.industry, code)",
    ),
)

IN_BUSINESS = shared("企业存续", "The firm is in business", "in_business")
NOT_DISHONEST = shared("未被列入严重失信名单", "Not on the list of serious dishonesty", "not_dishonest")
NOT_ZOMBIE = shared("非僵尸企业", "Not a zombie firm", "not_zombie")
NOT_STATE_OWNED = shared("非国有企业", "Not state-owned", "not_state_owned")
NOT_GOVERNMENT = shared("非机关事业单位", "Not a government unit", "not_government")
SMALL_FIRM = shared("中小微企业", "A medium, small or micro firm", "small_firm")
