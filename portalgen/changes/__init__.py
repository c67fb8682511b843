"""Detect changes since the last build: in sources, program and output."""
