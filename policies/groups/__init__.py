"""Stacking groups change by proposal: one officer proposes, another confirms."""
