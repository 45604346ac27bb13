"""`python -m qinqing.services COMMAND …` runs any command with the servers and keys in its environment."""

from __future__ import annotations

import subprocess
import sys

from qinqing.services import ensure

ensure()
sys.exit(subprocess.call(sys.argv[1:]))  # noqa: S603 - the caller's own command
