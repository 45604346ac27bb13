"""Django looks here for the pages of companies, people and deliveries; each slice registers its own."""

# ruff: noqa: F401 - a module registers its pages when it is imported.

from companies.contracts.admin import contracts as contract_pages
from companies.deliveries.admin import deliveries, keys, tokens
from companies.departments import admin as department_pages
from companies.firms import admin as firms_pages
from companies.people.admin import people, records, sign_ins
from companies.sources.admin import sources
from companies.staff.admin import people as staff_pages
