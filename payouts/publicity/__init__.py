"""The public list: who is about to be paid, and what is said against it."""
