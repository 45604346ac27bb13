"""Demands with what was proposed about their firms, appeals, and the blacklist in the admin."""
