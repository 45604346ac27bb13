"""The firm's pages: what it can claim, what became of its claims, receipts and history."""
