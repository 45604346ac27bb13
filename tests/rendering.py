"""Pages that tests render as the server renders them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.template import Context, Template
from django.utils.safestring import SafeString


@contextmanager
def without_rendered_contexts() -> Iterator[None]:
    """
    Render templates without Django's record for tests, which copies the context of each partial.

    Answers then have no `context` and no `templates`.
    """

    def render(template: Template, context: Context) -> SafeString:
        return template.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield
