"""`deliver` hands a file over; `reseal` seals ID numbers by the new key."""
