"""The rule language as tables; both engines answer each row."""
