"""The engine that answers a rule for one subject in plain Python, and judges the other."""
