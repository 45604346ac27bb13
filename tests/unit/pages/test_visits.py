"""How the platform counts visitors: by address or, with IPv6, by network."""

from __future__ import annotations

import socket
from copy import deepcopy
from time import perf_counter

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from qinqing.kernel.web.rate_limit import count_visit, is_limit_reached, visitor_address

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
    assert visitor_address(RequestFactory(REMOTE_ADDR=address).get("/")) == counted


def test_a_server_that_says_nothing_lets_everybody_in_soon(settings: LazySettings) -> None:
    caches = deepcopy(settings.CACHES)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        caches["shared"]["LOCATION"] = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        settings.CACHES = caches
        started = perf_counter()
        assert count_visit(page="page", visitor="somebody", limit=1, seconds=60)
        assert not is_limit_reached(page="page", visitor="somebody", limit=1)
        assert perf_counter() - started < 5
