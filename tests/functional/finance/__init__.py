"""What finance clerks do: batches, reply files, findings, funds, stuck work."""
