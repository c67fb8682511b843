"""Articles out of other formats."""
