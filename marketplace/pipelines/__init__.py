"""Pipelines: the document, its checks, and what flows in it, as known before anything has run."""
