"""The pages of contracts in the desk."""
