"""How policies stand beside each other: the places of a stacking group, and what is left of each."""
