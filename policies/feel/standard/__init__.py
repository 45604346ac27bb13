"""The parts of the standard that officers do not need, but the public test kit does."""
