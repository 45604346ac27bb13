"""Models of the ledger: funds, grants, postings, and the shares of the levels of government."""
