"""The types of the rule language, and the values that both engines compute with."""
