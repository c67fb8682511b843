"""Plan and render pages."""
