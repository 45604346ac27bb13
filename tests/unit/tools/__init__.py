"""The synthetic city, the reports, and the reader of SQL files."""
