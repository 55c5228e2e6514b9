"""The command line: `opyard`."""
