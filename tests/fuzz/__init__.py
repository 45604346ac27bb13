"""Random texts for the checker of rules: no text may raise anything but a refusal."""
