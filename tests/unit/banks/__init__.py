"""Files of banks, the bank simulator, and the tables of moves and of meanings."""
