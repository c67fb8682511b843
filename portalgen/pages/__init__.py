"""Routes, contexts, the plan of every page, and rendering."""
