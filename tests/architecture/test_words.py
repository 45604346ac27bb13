"""No module, class or function has an empty word as its name."""

from __future__ import annotations

import re

from tests.architecture.project_files import definitions, named, python_files

EMPTY_WORDS = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc|info|handlers?)($|_)", re.IGNORECASE)
# Names that Django, DRF and allauth ask for.
ASKED_FOR = {"extract_common_fields", "handler400", "handler403", "handler404", "handler500", "handle", "management"}


def test_names_say_something() -> None:
    names = [(named(file), file.stem) for file in python_files()] + [(each.file, each.name) for each in definitions()]
    assert names
    assert [(file, name) for file, name in names if name not in ASKED_FOR and EMPTY_WORDS.search(name)] == []
