"""What the editor of rules is told while an officer types."""
