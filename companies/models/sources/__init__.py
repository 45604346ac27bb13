"""Where the platform itself fetches the rows of datasets, what opens these places, and what came of each pull."""
