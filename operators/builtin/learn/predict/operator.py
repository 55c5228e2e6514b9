"""Apply a model to a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from operators.builtin.features import feature_frame, require_features
from operators.builtin.learn.labels import probability_column
from operators.errors import InputError, ParameterError
from operators.schemas import Column, ModelSchema, PortSchema, TableSchema

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from operators.context import RunContext
    from operators.values import Model

BATCH_ROWS = 100_000
PREDICTED_TYPES = {"regression": "number", "clustering": "integer"}


def configure(schemas: Mapping[str, PortSchema | None], params: Mapping[str, Any]) -> dict[str, PortSchema | None]:
    table, model = schemas["table"], schemas["model"]
    if not isinstance(table, TableSchema):
        return {"table": None}
    _refuse_taken(table.names, params["prediction"])
    if not isinstance(model, ModelSchema):
        return {"table": None}
    require_features(table.names, model.features or ())
    if model.task == "transform" or (model.task == "classification" and params["probabilities"]):
        # Which columns a transformer makes and which classes have a probability shows when the model has been trained.
        return {"table": None}
    kept = table.columns if params["keep"] == "all" else ()
    return {"table": TableSchema((*kept, _prediction_column(model, params["prediction"])))}


def run(inputs: Mapping[str, Any], params: Mapping[str, Any], context: RunContext) -> dict[str, Any]:
    import pyarrow as pa

    table, model = inputs["table"], inputs["model"]
    require_features(table.column_names, model.features)
    if model.task == "transform":
        return {"table": _transformed(table, model, params["keep"], context)}
    _refuse_taken(table.column_names, params["prediction"])
    columns = _predictions(table, model, params, context)
    if params["keep"] == "all":
        columns = {name: table[name] for name in table.column_names} | columns
    return {"table": pa.table(columns)}


def _refuse_taken(names: tuple[str, ...] | list[str], prediction: str) -> None:
    if prediction in names:
        raise ParameterError(
            f"The table has a column {prediction!r} already. Choose another name for the prediction.", "/prediction"
        )


def _prediction_column(model: ModelSchema, name: str) -> Column:
    if model.target is not None:
        kind = "number" if model.task == "regression" else model.target.type
        return Column(name, kind)
    return Column(name, PREDICTED_TYPES.get(model.task, "unknown"))


def _predictions(table: pa.Table, model: Model, params: Mapping[str, Any], context: RunContext) -> dict[str, Any]:
    """The new columns, by name."""
    import numpy as np
    import pyarrow as pa

    estimator, kind = model.estimator, _arrow_type(model)
    if not hasattr(estimator, "predict"):
        raise InputError(f"The model is a {type(estimator).__name__}, which cannot predict. Wire a trained model here.")
    predicted = np.concatenate([*_in_batches(table, model, estimator.predict, context), _nothing(kind)])
    columns = {params["prediction"]: pa.array(predicted.tolist() if kind == pa.string() else predicted, kind)}
    if params["probabilities"] and model.classes is not None and hasattr(estimator, "predict_proba"):
        width = len(model.classes)
        batches = [*_in_batches(table, model, estimator.predict_proba, context), np.empty((0, width))]
        probabilities = np.concatenate(batches)
        for index, label in enumerate(model.classes):
            columns[probability_column(label)] = pa.array(probabilities[:, index])
    return columns


def _in_batches(
    table: pa.Table, model: Model, apply: Callable[[Any], np.ndarray], context: RunContext
) -> Iterator[np.ndarray]:
    from operators.builtin.learn.assessment import bounded_threads

    for start in range(0, table.num_rows, BATCH_ROWS):
        context.progress(start / table.num_rows, f"row {start:,} of {table.num_rows:,}")
        with bounded_threads(table.num_rows):
            yield apply(_readable(table.slice(start, BATCH_ROWS), model))


def _readable(table: pa.Table, model: Model) -> Any:
    """The features as the estimator was fitted with them: named columns, or a plain matrix."""
    frame = feature_frame(table, model.features)
    return frame if hasattr(model.estimator, "feature_names_in_") else frame.to_numpy()


def _arrow_type(model: Model) -> pa.DataType:
    """The type of what the model predicts."""
    import pyarrow as pa

    if model.classes is None:
        return pa.int64() if model.task == "clustering" else pa.float64()
    return pa.array(list(model.classes)).type


def _nothing(kind: pa.DataType) -> np.ndarray:
    # Beside the batches, so that a table without rows gives a column of the right type too.
    import numpy as np
    import pyarrow as pa

    return np.empty(0, str if kind == pa.string() else kind.to_pandas_dtype())


def _transformed(table: pa.Table, model: Model, keep: str, context: RunContext) -> pa.Table:
    """The table with the model's features replaced by what it makes of them: in place if the name stays, else last."""
    import numpy as np
    import pyarrow as pa

    names = [str(name) for name in model.estimator.get_feature_names_out()]
    batches = [_dense(batch) for batch in _in_batches(table, model, model.estimator.transform, context)]
    values = np.concatenate(batches) if batches else np.empty((0, len(names)))
    made = {name: pa.array(values[:, index]) for index, name in enumerate(names)}
    if keep == "prediction":
        return pa.table(made)
    read = {column.name for column in model.features}
    kept = {name: table[name] for name in table.column_names if name in made or name not in read}
    return pa.table(kept | made)


def _dense(values: Any) -> np.ndarray:
    dense: np.ndarray = values.toarray() if hasattr(values, "toarray") else values
    return dense
