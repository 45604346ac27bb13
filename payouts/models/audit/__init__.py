"""What is looked at after the money has gone, and what is asked back."""
