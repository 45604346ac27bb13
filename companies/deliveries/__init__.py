"""How rows of departments come in: read, copied into a staging table, checked in SQL, landed or put in quarantine."""
