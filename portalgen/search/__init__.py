"""Full-text search: the files that readers' browsers ask."""
