"""What the operators of the family `learn` share: how a table becomes features, and how a model is assessed."""
