"""The sentences with which the rule language refuses a rule, in English and Chinese."""
