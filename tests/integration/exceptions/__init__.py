"""What a clerk mends: stuck payouts, replaced accounts, third parties."""
