"""A live server for editors, on their own computer."""
