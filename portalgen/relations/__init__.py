"""Which articles belong together: taxonomy, related news, search."""
