"""`demo` and `campaign` run the product, `feel` runs a rule, `messages` keeps the translation."""
