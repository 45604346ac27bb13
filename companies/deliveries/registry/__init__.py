"""Everything that can be delivered, its columns, and what each column may hold."""
