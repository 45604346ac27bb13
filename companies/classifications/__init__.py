"""Public classifications: districts, industries, size classes."""
