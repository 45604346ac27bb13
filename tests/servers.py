"""
The servers that the tests run on: those of the environment, or embedded ones.

Loaded by `-p tests.servers` because Django reads its settings before pytest reads a conftest.
"""

from __future__ import annotations

import os
import sys

from qinqing.services import ensure, postgres
from qinqing.services.state import local_folder

STATE = "test"

if sys.dont_write_bytecode:
    # Compiling modules would be half of a start, so the bytecode is kept; if not beside the sources, then in a folder
    # of its own.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(local_folder() / "bytecode")
    sys.dont_write_bytecode = False

is_embedded = not os.environ.get("DATABASE_URL")
# pytest-xdist's workers inherit the environment that this fills in.
ensure(name=STATE, is_durable=False)
if is_embedded:
    os.environ[postgres.SUPERUSER_VARIABLE] = postgres.superuser_address(name=STATE)
