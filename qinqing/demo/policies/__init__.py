"""
The policies of the demo city, as data: historical texts boiled down to conditions and formulas.

They are demo material, not the law of today. Where a text left something open, the comment says what is assumed. The
demo has twenty; the standard workload has `loading.ALL_POLICIES`, the 34 of the platform's first 36 days.
"""
