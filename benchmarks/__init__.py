"""Measures how fast portalgen builds, beside Hugo with the same articles."""
