"""The keys that seal, and how everything sealed comes under a new one."""
