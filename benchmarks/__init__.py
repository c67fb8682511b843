"""Benchmarks of portalgen, compared with Hugo on the same articles."""
