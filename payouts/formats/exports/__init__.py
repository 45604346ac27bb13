"""Files for banks: payment orders in, bytes out, the same bytes for the same orders."""
