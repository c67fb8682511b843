"""Full-text search: the index files that browsers download."""
