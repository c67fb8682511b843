"""The network on the editor's own machine, live."""
