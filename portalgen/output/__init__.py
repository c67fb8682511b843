"""The output folder: lock, manifest, staging and publishing."""
