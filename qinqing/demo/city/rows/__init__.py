"""What each department knows, as rows of its files."""
