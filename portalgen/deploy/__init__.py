"""From the output to where readers are."""
