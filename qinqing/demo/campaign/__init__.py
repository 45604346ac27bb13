"""The main job from end to end, on a city that does not exist."""
