"""From nodes to checked terms: every name resolved, every type right, or a refusal."""
