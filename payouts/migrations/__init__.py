"""Creates the tables of `payouts`, and installs their views, functions and guards."""
