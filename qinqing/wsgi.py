"""The portal as a WSGI application."""

from __future__ import annotations

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qinqing.settings")

# A thread whose answer has come from the database waits no longer than this for one that computes, in seconds. Whoever
# claims for others holds the fund meanwhile, five messages long.
SWITCH_SECONDS = 0.001

application = get_wsgi_application()

sys.setswitchinterval(SWITCH_SECONDS)
# What is loaded by now stays for good; the collector need not walk through it again and again.
gc.freeze()
