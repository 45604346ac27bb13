"""Files for banks: functions from the lines of a batch to bytes; the same lines give the same bytes."""
