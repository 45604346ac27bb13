"""The officers' pages of policies and versions."""
