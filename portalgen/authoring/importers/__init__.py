"""Import articles from other formats."""
