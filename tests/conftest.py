"""The servers that the tests run on: those of the environment, or embedded ones."""

from __future__ import annotations

from qinqing.services import ensure

# Before Django reads its settings; pytest-xdist's workers inherit the environment.
ensure(name="test", is_durable=False)
