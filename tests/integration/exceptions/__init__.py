"""What clerks mend: stuck payouts, replaced accounts, third parties."""
