"""Who gets in and to which pages, and how the site answers odd requests: roles, sessions, refusals."""
