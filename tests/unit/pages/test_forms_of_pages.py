"""The tests' reader of forms finds a form on a page, and sends it as a browser would."""

from __future__ import annotations

import pytest

from qinqing.demo.campaign.stages.forms import NoSuchForm, form_to

PAGE = """
<form action="/language/"><input type="hidden" name="csrfmiddlewaretoken" value="other"></form>
<form action="/firms/91/claims/" method="post" id="claim">
  <input type="hidden" name="csrfmiddlewaretoken" value="token">
  <input type="checkbox" name="entitlement" value="1" checked><input type="checkbox" name="entitlement" value="2">
  <input type="checkbox" name="commitment" required><input name="note"><input name="old" value="x" disabled>
  <button type="submit" name="how" value="all">Claim</button>
</form>
<input form="claim" type="checkbox" name="entitlement" value="3"><input name="nowhere" value="y">
"""


def test_a_form_carries_its_fields_and_all_boxes() -> None:
    assert form_to(PAGE, path="/firms/91/claims/").filled_in(note="thanks") == {
        "csrfmiddlewaretoken": ["token"],
        "entitlement": ["1", "2", "3"],
        "commitment": ["on"],
        "note": ["thanks"],
    }


def test_a_page_without_the_form_is_refused() -> None:
    with pytest.raises(NoSuchForm, match="/firms/92/claims/"):
        form_to(PAGE, path="/firms/92/claims/")
