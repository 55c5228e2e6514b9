"""What can go wrong on this floor.

FormError
├── SchemaError        what should be a schema is none (neither an object nor true or false), or a hint is wrong
├── PlaceError         a pointer leads to no field, no value or no branch
└── ValuesError        a change that the values cannot take (an item put into what is no list)

A wrong instance is no exception: `Form.check` returns it as data.
"""


class FormError(Exception):
    """Anything this floor raises."""


class SchemaError(FormError, ValueError):
    """A parameter schema or its hints cannot be read."""


class PlaceError(FormError, LookupError):
    """A pointer leads nowhere in this form or these values."""


class ValuesError(FormError, ValueError):
    """The values have no room for a change that was asked for."""
