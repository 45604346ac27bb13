"""Django looks here for the pages of companies, people and deliveries; each slice registers its own."""

# ruff: noqa: F401 - a module registers its pages when it is imported.

from companies.datasets import admin as datasets_pages
from companies.deliveries.admin import deliveries, tokens
from companies.firms import admin as firms_pages
from companies.people.admin import people, records, sign_ins
from companies.staff.admin import people as staff_pages
