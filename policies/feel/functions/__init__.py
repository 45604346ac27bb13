"""Every operator and built-in as one row, with its Python and its SQL side by side."""
