"""What people read of a checked rule: in words, with cautions, mentions and facts given by hand."""
