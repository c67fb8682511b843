"""From a Markdown file to a published article."""
