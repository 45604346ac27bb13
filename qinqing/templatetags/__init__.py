"""Tags and filters of templates: parts of pages, sentences, words, and how fast a fund's money goes."""
