"""From the text of a rule to nodes, and what may follow at a cursor."""
