"""The interface of a bank: what we ask of it, and how we ask over HTTP."""
