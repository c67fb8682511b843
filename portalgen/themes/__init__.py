"""A theme folder: templates, tokens, strings, fingerprinted assets."""
