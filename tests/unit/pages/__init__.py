"""Parts of pages, words, colours and translations."""
