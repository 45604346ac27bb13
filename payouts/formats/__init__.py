"""Files of banks as pure functions: `exports` writes batches, `replies` reads the answers."""
