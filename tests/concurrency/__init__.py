"""Tests in which several transactions race for the same rows."""
