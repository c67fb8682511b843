"""Configuration for web servers."""
