"""Invented names of firms and people."""

from __future__ import annotations

from random import Random

_FIRM_FIRST = "云澜瀚嘉望拓启钱西恒盛景和润泽星凌越鼎晟朗翊博弘锦"
_FIRM_SECOND = "舟棠川帆溪岚图远达信衡禾润辰宇石源坤海峰元科诚隆"
_FIRM_THIRD = "兴泰达利通安益丰昌瑞"
# The most common first.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
    "姚卢傅钟姜崔谭廖范汪陆金"
)
_GIVEN = (
    "伟芳娜敏静磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红梅建国文斌辉鹏飞晓晨雨欣怡然思远子涵宇轩梦洁嘉佳琪浩博"
    "雅婷志强海燕春秋冬夏立新安宁乐天清源若溪书航亦凡可心念初予墨知行星河云帆景"
)


def firm_name(*, word: str, luck: Random) -> str:
    """A name for a firm of a line of business; two firms may share one, as only the credit code tells them apart."""
    name = luck.choice(_FIRM_FIRST) + luck.choice(_FIRM_SECOND)
    name += luck.choice(_FIRM_THIRD) if luck.random() < 0.6 else ""
    return f"杭州{name}{word}{'有限公司' if luck.random() < 0.92 else '股份有限公司'}"


def person_name(luck: float) -> str:
    """A person's name picked by `luck`, from 0 up to 1; common surnames are more common."""
    surname = _SURNAMES[int(luck * luck * len(_SURNAMES))]
    rest = int(luck * 1e9)
    given = _GIVEN[rest % len(_GIVEN)]
    return surname + given + (_GIVEN[rest // 7 % len(_GIVEN)] if rest % 5 else "")
