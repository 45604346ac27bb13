"""Departments' lists: brought by one officer, published by another, claimed by the firm."""
