"""What all apps need of PostgreSQL: statements, plans, columns, triggers, refusals by constraint."""
