"""Departments' lists, and the reminders of firms."""
