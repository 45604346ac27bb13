"""Checked rows go into the tables that they are for, by set."""
