"""Amounts in Chinese are grouped by thousands, as banks and accountants write them; Django leaves them ungrouped."""

from __future__ import annotations

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
