"""Django looks here for the pages of the clerks' and auditors' desk; each slice registers its own."""

# ruff: noqa: F401 - a module registers its pages when it is imported.

from payouts.batches.admin import banks, batches, templates
from payouts.controls import admin as controls_pages
from payouts.exceptions.admin import account_stops, payouts, stuck, third_parties, waiting_accounts
from payouts.ledger.admin import funds, grants, shares
from payouts.publicity import admin as publicity_pages
from payouts.recovery.admin import recoveries
from payouts.replies.admin import answers, findings, reply_files
