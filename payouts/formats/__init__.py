"""Files of banks as pure functions: `exports` writes orders, `replies` reads answers."""
