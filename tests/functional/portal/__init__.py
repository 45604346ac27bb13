"""What a firm's owner sees and does: offers, claims, receipts, recoveries."""
