"""The twenty, in the order of their codes."""

from __future__ import annotations

from qinqing.demo.policies.form import DemoPolicy
from qinqing.demo.policies.hiring import P_17, P_21
from qinqing.demo.policies.housing import P_01, P_02, P_33
from qinqing.demo.policies.industry import P_07, P_23, P_24, P_27, P_40
from qinqing.demo.policies.jobs import P_14, P_16, P_19, P_35
from qinqing.demo.policies.relief import P_28, P_36, P_37
from qinqing.demo.policies.trade import P_05, P_09, P_11

POLICIES: tuple[DemoPolicy, ...] = (
    *(P_01, P_02, P_05, P_07, P_09, P_11, P_14, P_16, P_17, P_19),
    *(P_21, P_23, P_24, P_27, P_28, P_33, P_35, P_36, P_37, P_40),
)
