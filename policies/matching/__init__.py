"""Who is entitled, by set: new data decides just the firms and versions that it touches."""
