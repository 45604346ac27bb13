"""The rules of one version: checked, stored, hashed, with the firms and lists that they are about."""
