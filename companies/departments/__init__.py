"""Two people add a department, and give one another name."""
