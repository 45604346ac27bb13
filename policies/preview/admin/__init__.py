"""The desk beside a version: its preview, its back-test and its examples."""
