"""Departments' lists in the admin."""
