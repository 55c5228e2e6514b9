"""Engines: what carries out the runs that are asked for in the metadata store."""
