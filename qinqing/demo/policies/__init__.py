"""
Twenty policies of the demo city, as data: historical texts boiled down to conditions and formulas.

They are demo material, not the law of today. Where a text left something open, the comment says what is assumed.
"""

from qinqing.demo.policies.form import DemoPolicy
from qinqing.demo.policies.loading import load_policies
from qinqing.demo.policies.twenty import POLICIES

__all__ = ["POLICIES", "DemoPolicy", "load_policies"]
