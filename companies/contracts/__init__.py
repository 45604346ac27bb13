"""A dataset as a department declares it: read from and written as an Open Data Contract 3.1."""
