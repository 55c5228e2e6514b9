"""Artifacts: what flows between operators, how it is kept, and what is known of it without loading it."""
