"""The rule language as tables; each row is answered by both engines."""
