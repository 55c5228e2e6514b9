"""What exists and whose it is: settings, the metadata store, the catalogue, pipeline documents and their checks."""
