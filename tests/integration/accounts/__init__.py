"""The claim: its sets of clicks, its locks, stacking groups, pools, and the lanes of sending."""
