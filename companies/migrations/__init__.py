"""Creates the tables of `companies`, and installs their guards."""
