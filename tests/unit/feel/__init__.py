"""The rule language's parser, checker and words."""
