"""From Markdown files to `Article` records."""
