"""The moment at which tests happen."""

from __future__ import annotations

import datetime as dt

NOW = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)
