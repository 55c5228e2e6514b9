"""The three ways in: web pages, the command line, the REST API."""
