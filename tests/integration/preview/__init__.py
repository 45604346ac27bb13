"""Previews, reasons and trials of a version."""
