"""Related news: find similar articles."""
