"""Warm processes for steps: a pool of them for an engine, and the templates that they are forked from."""
