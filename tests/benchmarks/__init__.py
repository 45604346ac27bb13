"""How fast, and beside whom: each part measures us and others in the same run, on the same rows."""
