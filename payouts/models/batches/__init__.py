"""Models of batches, of their files, and of the stored bytes."""
