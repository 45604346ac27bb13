"""`deliver` hands a file over; `reseal` seals everything sealed by the new key."""
