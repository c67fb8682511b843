"""What a web server has to know."""
