"""What a firm can claim now, with the reason where it cannot."""
