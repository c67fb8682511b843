"""From site.yaml files to a typed `Network`."""
