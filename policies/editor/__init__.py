"""What the editor of rules shows while an officer types."""
