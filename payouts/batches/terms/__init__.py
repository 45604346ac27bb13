"""What two people agree with a bank: its account, and the layouts of its files and of its replies."""
