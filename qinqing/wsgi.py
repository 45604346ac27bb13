"""The portal as a WSGI application."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

from qinqing.start import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qinqing.settings")

application = get_wsgi_application()
refuse_unsafe_start()

# All objects loaded by now stay for good; the garbage collector need not walk through them again and again.
gc.freeze()
