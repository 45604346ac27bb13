"""`manage.py payout_states` draws the table of moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from payouts.states import diagram

PAGE = """# The life of a payout

Written by `manage.py payout_states` from the table of moves in `payouts/states.py`; a test holds the two together. Each
arrow names who may make the move, and from which account of the fund to which the money goes with it.

```mermaid
{diagram}
```
"""


def page() -> str:
    """The page as it must stand in the documentation."""
    return PAGE.format(diagram=diagram())


def page_file() -> Path:
    """The file of the page."""
    return Path(settings.BASE_DIR) / "qinqing" / "docs" / "payout-states.md"


class Command(BaseCommand):
    """Write the diagram of the states into the documentation."""

    help = "Write the payout's states as a diagram into qinqing/docs."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        """Write the page."""
        page_file().write_text(page())
        self.stdout.write(f"Written: {page_file().relative_to(settings.BASE_DIR)}")
