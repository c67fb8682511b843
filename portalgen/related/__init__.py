"""Related news: which articles resemble each other."""
