"""What banks are told of payouts, and what they answer."""
