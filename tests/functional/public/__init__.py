"""What anybody sees: the public list, notices, the calculator."""
