"""Warnings: what is published as it is, but hurts readers."""
