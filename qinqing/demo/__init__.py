"""A city that does not exist: its departments' files, its people, and the campaign that pays it."""
