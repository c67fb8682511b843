"""What is published as it is, but hurts readers."""
