"""The servers that the tests run on: those of the environment, or embedded ones.

Loaded by `-p tests.servers` because Django reads its settings before pytest reads a conftest.
"""

from __future__ import annotations

from qinqing.services import ensure

# pytest-xdist's workers inherit the environment that this fills in.
ensure(name="test", is_durable=False)
