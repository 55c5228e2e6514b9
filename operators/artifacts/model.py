"""Model artifacts: a skops file that holds the estimator; what else a `Model` says is kept in the artifact."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from operators.artifacts.json_values import ITEM_LIMIT, json_value
from operators.artifacts.safe_models import dump, load
from operators.documents import Artifact
from operators.errors import OutputError
from operators.schemas import ModelSchema
from operators.spec import PortSpec
from operators.values import Model

TASKS = ("classification", "regression", "clustering", "transform")


def write(port: PortSpec, value: object, folder: Path, name: str) -> Artifact:
    """Write a `Model`.

    Raises:
        OutputError: no `Model`, or one of an unknown task.
        UnsafeModel: the estimator has parts that no safe format holds.
    """
    if not isinstance(value, Model):
        raise OutputError(
            f"The output {port.name!r} must be a model (operators.values.Model); found {type(value).__name__}."
        )
    if value.task not in TASKS:
        raise OutputError(
            f"The model on the output {port.name!r} has the task {value.task!r}; expected one of {TASKS}."
        )
    data = dump(value.estimator)
    path = folder / f"{name}.skops"
    path.write_bytes(data)
    schema = ModelSchema(value.task, tuple(value.features), value.target)
    return Artifact("model", "skops", path.name, len(data), schema, _summary(value, len(data)))


def read(artifact: Artifact, path: Path, port: PortSpec) -> Model:
    """The model in the file, with the facts in its artifact; `UnsafeModel` where the file holds what is not trusted."""
    schema = artifact.schema if isinstance(artifact.schema, ModelSchema) else ModelSchema("transform")
    summary = artifact.summary
    return Model(
        load(path),
        schema.task,
        schema.features or (),
        schema.target,
        summary.get("classes"),
        summary.get("facts", {}),
    )


def _summary(model: Model, size: int) -> dict[str, Any]:
    names = [column.name for column in model.features]
    return {
        "estimator": type(model.estimator).__name__,
        "module": type(model.estimator).__module__,
        "task": model.task,
        "parameters": _parameters(model.estimator),
        "feature_count": len(names),
        "features": json_value(names),
        "target": model.target.name if model.target else None,
        "classes": _classes(model.classes),
        "facts": _complete(model.facts),
        "bytes": size,
    }


def _parameters(estimator: Any) -> dict[str, Any]:
    """The estimator's parameters, those of its parts under `part__parameter`; parts themselves as their class."""
    if not hasattr(estimator, "get_params"):
        return {}
    deep = estimator.get_params(deep=True)
    return {name: json_value(deep[name]) for name in list(deep)[: 4 * ITEM_LIMIT]}


def _classes(classes: Sequence[Any] | None) -> list[Any] | None:
    """All labels: they are what the model's answers are read by, so none is left out."""
    return None if classes is None else [json_value(label, text_limit=10_000) for label in classes]


def _complete(value: Any) -> Any:
    """Facts without cutting lists: they come back with the model."""
    if isinstance(value, dict):
        return {str(key): _complete(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_complete(item) for item in value]
    return json_value(value, text_limit=10_000)
