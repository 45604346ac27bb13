"""The servers that the tests run on: those of the environment, or embedded ones.

Loaded by `-p tests.servers` because Django reads its settings before pytest reads a conftest.
"""

from __future__ import annotations

import os

from qinqing.services import ensure

# Set where the server is ours, and may keep a migrated database from one run to the next.
OURS_VARIABLE = "QINQING_TESTS_OWN_SERVER"

if not os.environ.get("DATABASE_URL"):
    os.environ[OURS_VARIABLE] = "1"
# pytest-xdist's workers inherit the environment that this fills in.
ensure(name="test", is_durable=False)
