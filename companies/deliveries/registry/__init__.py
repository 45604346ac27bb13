"""The datasets that can be delivered, their columns, and what each column may hold."""
