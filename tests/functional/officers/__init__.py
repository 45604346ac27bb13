"""What policy officers do: the editor, examples, review, lists, matching."""
