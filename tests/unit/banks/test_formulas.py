"""No spreadsheet reads a text as a formula."""

from __future__ import annotations

import pytest

from qinqing.kernel.text import disarm_formulas


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_what_a_spreadsheet_would_run_begins_with_a_quote(sign: str) -> None:
    assert disarm_formulas([f"{sign}HYPERLINK()", f"A{sign}1", ""]) == (f"'{sign}HYPERLINK()", f"A{sign}1", "")
