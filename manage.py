#!/usr/bin/env python
"""Django's command line; on a machine without PostgreSQL and Redis it brings its own along."""

from __future__ import annotations

import os
import sys

from qinqing.kernel.refusals import Refusal
from qinqing.services import ensure


def main() -> None:
    """Run one management command; one that is refused ends with the refusal's sentence."""
    ensure()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qinqing.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except Refusal as refusal:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
