"""Write to the output folder: lock, staging and publishing."""
