"""Messages that the forms of several pages share."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

# Django's own sentence speaks of a variable and its characters.
TOO_SHORT = {"min_length": _("Write a little more: at least %(limit_value)d characters.")}
