"""Read `site.yaml` files into a typed `Network`."""
