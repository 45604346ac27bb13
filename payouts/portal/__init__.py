"""The firm's pages: offers, the progress and history of its claims, and receipts."""
