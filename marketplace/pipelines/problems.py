"""What is wrong with a pipeline, as data: where, how bad, in words, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from form_specs.findings import FieldError
from form_specs.messages import message
from form_specs.text import LANGUAGES, localized

Severity = Literal["error", "warning"]


class Problem(Struct, frozen=True):
    """One thing that is wrong. An error keeps the pipeline from running, a warning does not.

    `parameter` is a JSON pointer into the node's parameters; where `node` is None, into the document. `code` names the
    texts `pipelines.problem.<code>` and `pipelines.mend.<code>`, `values` their facts: JSON, or texts by language.
    """

    code: str
    severity: Severity = "error"
    node: str | None = None
    port: str | None = None
    parameter: str | None = None
    values: Mapping[str, Any] = {}

    @property
    def message(self) -> str:
        """The problem in English."""
        return self.text("en")

    def text(self, language: str = "en") -> str:
        """What is wrong: the thing, what was expected, what was found."""
        return message(f"pipelines.problem.{self.code}", language, **self._facts(language))

    def mend(self, language: str = "en") -> str:
        """What to do about it."""
        return message(f"pipelines.mend.{self.code}", language, **self._facts(language))

    def _facts(self, language: str) -> dict[str, str]:
        facts = {"node": self.node or "", "port": self.port or "", "parameter": self.parameter or ""}
        return facts | {name: _shown(value, language) for name, value in self.values.items()}


_FIELD_CODES = {
    "forms.check.required": "missing_parameter",
    "forms.check.column": "unknown_column",
    "forms.check.column_similar": "unknown_column",
    "forms.check.no_columns": "unknown_column",
    "forms.check.column_type": "wrong_column_type",
}


def parameter_problem(node: str, error: FieldError) -> Problem:
    """What a form says of a node's parameter, as a problem of the pipeline."""
    detail = {language: error.text(language) for language in LANGUAGES}
    code = _FIELD_CODES.get(error.code, "bad_parameter")
    return Problem(code, node=node, parameter=error.pointer, values={"detail": detail})


def _shown(value: Any, language: str) -> str:
    if isinstance(value, Mapping):
        return localized(value, language)
    if isinstance(value, list | tuple):
        return ("、" if language.startswith("zh") else ", ").join(str(entry) for entry in value)
    return str(value)
