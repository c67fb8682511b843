"""What changed since the last build: sources, program, and what stands in the output."""
