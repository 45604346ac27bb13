"""What a bank says of an instruction, and what it means for the payout."""
