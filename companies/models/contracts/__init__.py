"""The contracts of datasets, and the tables that PostgreSQL builds from them as soon as one is declared."""
