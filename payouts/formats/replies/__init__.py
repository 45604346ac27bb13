"""Reply files of banks: functions from bytes to rows, without any effect."""
