"""Names dataset tables and their columns, on every page, as their departments do."""

from __future__ import annotations

from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from companies.datasets.base import DatasetRow
from qinqing.kernel.text import Bilingual


def label(models: list[type[DatasetRow]]) -> None:
    """Give each model and its fields the names of its dataset, in the reader's language."""
    subjects = {"company": _("company"), "employee": _("employee"), "delivery": _("delivery")}
    for model in models:
        dataset = model.dataset
        name = lazystr(Bilingual(dataset.zh, dataset.en))
        model._meta.verbose_name = model._meta.verbose_name_plural = name
        for field in model._meta.concrete_fields:
            word = dataset.words.get(field.name.removesuffix("_cny"))
            if word is not None:
                field.verbose_name = lazystr(Bilingual(word.zh, word.en))
            elif field.name in subjects:
                field.verbose_name = subjects[field.name]
