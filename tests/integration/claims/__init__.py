"""The claim: its set, its locks, stacking groups, pools, the lanes."""
