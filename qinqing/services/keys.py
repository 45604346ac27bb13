"""Local keys for development and the demo; production brings its own."""

from __future__ import annotations

import json
import os
import secrets

from qinqing.services.state import local_folder

KEYS = ("DJANGO_SECRET_KEY", "QINQING_DATA_KEY")


def ensure() -> None:
    """Set the missing keys from `.local/keys.json`, made on first use and readable by its owner alone."""
    missing = [key for key in KEYS if not os.environ.get(key)]
    if not missing:
        return
    file = local_folder() / "keys.json"
    if not file.exists():
        draft = file.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({key: secrets.token_hex(32) for key in KEYS}))
        try:
            # A link fails where a file exists, so two first runs at once still agree on one set of keys.
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    kept = json.loads(file.read_text())
    for key in missing:
        os.environ[key] = kept[key]
