"""An officer chooses a policy's file in a real browser: the field of the code stays empty."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from qinqing.demo.people import make_logins
from tests.browser.conftest import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def test_choosing_a_file_writes_nothing_into_the_code(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    make_logins(cast=[])
    file = tmp_path / "rent-relief.dmn"
    file.write_text("<definitions/>")
    officer = visit(language="en-GB")
    officer.signs_in("officer")
    officer.opens(reverse("admin:policies_import"))
    page = officer.page
    page.set_input_files("#id_file", file)
    expect(page.locator("#id_code")).to_have_value("")
    # The page looks like the other pages of the desk.
    expect(page.locator(".officer-card")).to_have_css("border-top-width", "1px")
    officer.is_pictured("policy-file")
