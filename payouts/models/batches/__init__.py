"""Instructions that are sealed together, and the files made of them."""
