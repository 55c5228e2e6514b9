"""What the operators of the family `data` share: the way to a database."""
