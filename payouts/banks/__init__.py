"""The interface of a bank: what we ask of it, how we ask over HTTP, and who alone knows its address and token."""
