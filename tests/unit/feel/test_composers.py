"""Every function that the checker composes from others has a row with its name and usage, and a composer."""

import pytest

from policies.feel.checking import registrations  # noqa: F401 – registers the composers
from policies.feel.checking.composition import composes, find_composer
from policies.feel.functions.composed import COMPOSED


@pytest.mark.parametrize("name", sorted(COMPOSED))
def test_every_composed_built_in_has_a_composer(name: str) -> None:
    assert find_composer(name)
    assert name in COMPOSED[name].usage


def test_nothing_is_composed_that_no_row_names() -> None:
    with pytest.raises(AssertionError, match="no row"):
        composes("unheard of")
