"""Signatures of deliveries: keys of departments' machines, the manifest that one signs, and whether all of it fits."""
