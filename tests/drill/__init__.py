"""A drill: tries the attacks on the money that reviewers tried, over HTTP, against the whole product while it runs."""
