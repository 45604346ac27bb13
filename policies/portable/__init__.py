"""A policy as one file: DMN 1.5 (or 1.3), with what DMN has no place for in one extension element."""
