"""The public kit of DMN cases, and hostile rules, run against the rule language."""
