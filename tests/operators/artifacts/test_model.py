"""Models come back answering as before, and nothing in a model file runs that the policy does not trust."""

from __future__ import annotations

import json
import pickle
import warnings
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
import skops.io
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, SplineTransformer, StandardScaler
from sklearn.svm import SVC

from form_specs.columns import Column
from operators.artifacts.formats import read_value, write_value
from operators.artifacts.safe_models import dump, load
from operators.errors import OutputError, UnsafeModel
from operators.schemas import ModelSchema
from operators.spec import PortSpec
from operators.values import Model

PORT = PortSpec("model", "model")


@pytest.fixture(scope="module")
def cancer() -> tuple[np.ndarray, np.ndarray]:
    features, target = load_breast_cancer(return_X_y=True)
    # A column of categories first, for the encoders.
    return np.column_stack([features[:, 0].astype(int) % 5, features[:, :6]]), target


def columns_encoded() -> Pipeline:
    parts = [("one_hot", OneHotEncoder(), [0]), ("scale", StandardScaler(), slice(1, None))]
    return make_pipeline(ColumnTransformer(parts), LogisticRegression())


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(max_iter=300),
        RandomForestClassifier(10, random_state=0),
        RandomForestRegressor(10, random_state=0),
        HistGradientBoostingClassifier(max_iter=10),
        HistGradientBoostingClassifier(max_iter=10, categorical_features=[0]),
        HistGradientBoostingRegressor(max_iter=10),
        GradientBoostingClassifier(n_estimators=10),
        columns_encoded(),
        make_pipeline(FunctionTransformer(np.log1p), LogisticRegression(max_iter=300)),
        SVC(),
        KMeans(3, n_init=1, random_state=0),
        KNeighborsClassifier(algorithm="kd_tree"),
        KNeighborsClassifier(algorithm="ball_tree"),
        make_pipeline(SplineTransformer(), LogisticRegression(max_iter=1000)),
        MLPClassifier((8,), max_iter=20, random_state=0),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_answers_are_the_same_before_and_after(pass_on, cancer, estimator):
    features, target = cancer
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.fit(features, target)
    named = tuple(Column(f"f{place}", "number") for place in range(7))
    given = Model(estimator, "classification", named, Column("y", "integer"), [0, 1], {"rows": [569]})
    artifact, model = pass_on(given, "model")
    assert np.array_equal(model.estimator.predict(features), estimator.predict(features))
    assert (model.task, tuple(model.features), model.target) == ("classification", named, Column("y", "integer"))
    assert (model.classes, model.facts) == ([0, 1], {"rows": [569]})
    assert artifact.schema == ModelSchema("classification", named, Column("y", "integer"))
    assert artifact.summary["estimator"] == type(estimator).__name__
    assert artifact.summary["feature_count"] == 7 and artifact.summary["bytes"] == artifact.bytes
    assert msgspec.json.decode(msgspec.json.encode(artifact.summary)) == artifact.summary


def test_parameters_are_told_down_to_the_parts(pass_on, cancer):
    model = Model(columns_encoded().fit(*cancer), "classification", ())
    parameters = pass_on(model, "model")[0].summary["parameters"]
    assert parameters["logisticregression__C"] == 1.0
    assert parameters["logisticregression"] == "LogisticRegression()"


def test_labels_of_numpy_become_plain_ones(pass_on):
    estimator = LogisticRegression().fit([[0.0], [1.0]], ["no", "yes"])
    given = Model(estimator, "classification", (Column("x", "number"),), classes=estimator.classes_)
    assert pass_on(given, "model")[1].classes == ["no", "yes"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (LogisticRegression(), "must be a model .*; found LogisticRegression"),
        (Model(LogisticRegression(), "guessing", ()), "has the task 'guessing'; expected one of"),
    ],
)
def test_what_is_no_model_is_refused(tmp_path, value, said):
    with pytest.raises(OutputError, match=said):
        write_value(PORT, value, tmp_path, "model")


def shout(values):
    return values


class Own(LogisticRegression):
    """An estimator that scikit-learn does not know."""


@pytest.mark.parametrize("estimator", [FunctionTransformer(shout), Own(), FunctionTransformer(lambda values: values)])
def test_code_of_ones_own_is_refused_when_it_is_written(tmp_path, estimator):
    with pytest.raises(UnsafeModel, match=f"{type(estimator).__name__} .*scikit-learn"):
        write_value(PORT, Model(estimator, "transform", ()), tmp_path, "model")
    assert list(tmp_path.iterdir()) == []


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_a_pickle_that_is_called_skops_is_not_loaded(tmp_path):
    sprung, path = tmp_path / "sprung", tmp_path / "model.skops"
    path.write_bytes(pickle.dumps(Trap(str(sprung))))
    with pytest.raises(UnsafeModel, match=r"model\.skops is no skops file.*never pickles"):
        load(path)
    assert not sprung.exists()


def skops_file(path: Path, module: str, name: str, arguments: list[object], loader: str) -> Path:
    """A file that asks for `module.name(*arguments)`."""
    content = [
        {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": json.dumps(value)}
        for value in arguments
    ]
    state = {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": content}
    call = {"__class__": name, "__module__": module, "__loader__": loader, "content": state}
    honest = json.loads(zipfile.ZipFile(skops_bytes(path)).read("schema.json"))
    schema = {**call, "protocol": honest["protocol"], "_skops_version": honest["_skops_version"]}
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("schema.json", json.dumps(schema))
    return path


def skops_bytes(path: Path) -> Path:
    skops.io.dump([1], path)
    return path


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("functools", "reduce"),
        ("builtins", "eval"),
        ("subprocess", "Popen"),
        ("numpy", "memmap"),
        ("numpy", "save"),
        ("numpy.lib.npyio", "DataSource"),
        ("scipy.io", "netcdf_file"),
        ("scipy.io", "FortranFile"),
        ("sklearn.utils.fixes", "np"),
        ("sklearn.datasets", "fetch_file"),
        ("sklearn.base", "clone"),
        ("sklearn.no_such_module", "Thing"),
        ("sklearnish", "Thing"),
    ],
)
@pytest.mark.parametrize("loader", ["ConstructorFromReduceNode", "TypeNode"])
def test_a_malicious_file_is_not_loaded(tmp_path, module, name, loader):
    sprung = tmp_path / "sprung"
    path = skops_file(tmp_path / "model.skops", module, name, [str(sprung), "w"], loader)
    with pytest.raises(UnsafeModel, match=r"model\.skops was not loaded"):
        load(path)
    assert not sprung.exists()


def test_the_trap_of_the_other_tests_would_work(tmp_path):
    path = skops_file(tmp_path / "model.skops", "pathlib", "Path", ["a", "b"], "ConstructorFromReduceNode")
    assert skops.io.load(path, trusted=["pathlib.Path"]) == Path("a/b")


def test_a_tree_that_leads_outside_of_itself_is_not_loaded(tmp_path):
    forest = RandomForestClassifier(3, random_state=0).fit([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1])
    state = forest.estimators_[1].tree_.__getstate__()
    state["nodes"]["left_child"][0] = 10_000
    forest.estimators_[1].tree_.__setstate__(state)
    path = tmp_path / "model.skops"
    path.write_bytes(dump(forest))
    with pytest.raises(UnsafeModel, match="leads outside of its own nodes"):
        load(path)


@pytest.mark.parametrize(("field", "wrong"), [("left", 10_000), ("feature_idx", 10_000)])
def test_a_tree_of_histograms_that_leads_outside_is_not_loaded(tmp_path, cancer, field, wrong):
    model = HistGradientBoostingClassifier(max_iter=2).fit(*cancer)
    model._predictors[0][0].nodes[field][0] = wrong
    path = tmp_path / "model.skops"
    path.write_bytes(dump(model))
    with pytest.raises(UnsafeModel, match="leads outside of its own nodes"):
        load(path)


@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree"])
def test_a_tree_of_neighbours_that_leads_outside_is_not_loaded(tmp_path, cancer, algorithm):
    model = KNeighborsClassifier(algorithm=algorithm).fit(*cancer)
    state = model._tree.__getstate__()
    state[1][0] = 10_000
    model._tree.__setstate__(state)
    path = tmp_path / "model.skops"
    path.write_bytes(dump(model))
    with pytest.raises(UnsafeModel, match="leads outside of its own nodes"):
        load(path)


def test_a_damaged_file_is_not_loaded(tmp_path, pass_on):
    given = Model(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), "classification", ())
    artifact, _ = pass_on(given, "model")
    path = tmp_path / artifact.path
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnsafeModel, match="a damaged one"):
        read_value(artifact, path, PORT)
