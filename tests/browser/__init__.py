"""Tests that drive a real Chromium through the portal and the desks."""
