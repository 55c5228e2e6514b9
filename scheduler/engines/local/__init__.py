"""The embedded engine: one process on this machine, with warm workers."""
