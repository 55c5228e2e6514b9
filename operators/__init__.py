"""The operator contract, the data that flows between operators, and the built-in operators."""
