"""The ways in which bytes come: HTTP(S), SFTP, a query of a PostgreSQL database."""
