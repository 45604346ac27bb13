"""Files that departments lay into folders: each is delivered once, and put away beside what became of it."""
