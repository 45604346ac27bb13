"""The public list of payouts before they are paid, and the objections to them."""
