"""By what a visitor is counted."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from qinqing.kernel.visits import visitor_of

SEEN = [
    ("192.0.2.7", "192.0.2.7"),
    ("::ffff:192.0.2.7", "192.0.2.7"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
    ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
    ("2001:db8:1:3::1", "2001:db8:1:3::"),
    ("::1", "::"),
    ("", ""),
    ("no address", "no address"),
]


@pytest.mark.parametrize(("address", "counted"), SEEN)
def test_an_ipv6_visitor_is_counted_by_the_network(address: str, counted: str) -> None:
    assert visitor_of(RequestFactory(REMOTE_ADDR=address).get("/")) == counted
