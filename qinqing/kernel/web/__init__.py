"""What all pages share: limits, sessions, and how a page was asked for."""
