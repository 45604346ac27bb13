"""Tables from outside, row by row: workbooks and delimited texts, read as streams and held to limits."""
