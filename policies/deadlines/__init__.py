"""Reminders before a window ends, the lapse after it, and the public notices of windows."""
