"""Policies as DMN files: the product exports, imports and refuses them."""
