"""Warm worker processes: a pool of them for an engine, the templates that they are forked from, and their frames."""
