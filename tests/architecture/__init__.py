"""Tests that read the code and the pages beside it: sizes, circles, names, migrations, templates."""
