"""The members of a firm: who acts for it in which role, who is invited, and what changed."""
