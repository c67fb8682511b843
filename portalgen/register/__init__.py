"""The register: what has been published, at which addresses, and what became of it."""
