"""Who gets in, to what, and how what is odd is answered: roles, sessions, refusals."""
