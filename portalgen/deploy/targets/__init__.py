"""The kinds of targets that are deployed to."""
