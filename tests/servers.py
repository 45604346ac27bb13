"""
The servers that the tests run on: those of the environment, or embedded ones.

Loaded by `-p tests.servers` because Django reads its settings before pytest reads a conftest.
"""

from __future__ import annotations

import os
import sys

from qinqing.services import ensure
from qinqing.services.state import local_folder

# Set if the server is embedded, and so may keep a migrated database from one run to the next.
OURS_VARIABLE = "QINQING_TESTS_OWN_SERVER"

if sys.dont_write_bytecode:
    # Compiling modules would be half of a start, so the bytecode is kept; if not beside the sources, then in a folder
    # of its own.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(local_folder() / "bytecode")
    sys.dont_write_bytecode = False

if not os.environ.get("DATABASE_URL"):
    os.environ[OURS_VARIABLE] = "1"
# pytest-xdist's workers inherit the environment that this fills in.
ensure(name="test", is_durable=False)
