"""
The policies of the demo city, as data: historical texts boiled down to conditions and formulas.

They are demo material, not the law of today. Where a text left something open, the comment says what is assumed. The
demo has twenty; the standard workload has `ALL_POLICIES`, the 34 of the platform's first 36 days.
"""

from qinqing.demo.policies.form import DemoPolicy
from qinqing.demo.policies.loading import load_policies
from qinqing.demo.policies.neighbours import NEIGHBOURS
from qinqing.demo.policies.twenty import POLICIES
from qinqing.demo.policies.variants import VARIANTS

ALL_POLICIES = (*POLICIES, *NEIGHBOURS, *VARIANTS)

__all__ = ["ALL_POLICIES", "NEIGHBOURS", "POLICIES", "VARIANTS", "DemoPolicy", "load_policies"]
