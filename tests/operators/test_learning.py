"""What the operators that learn and describe pictures must hold beyond their own cases."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from operators.artifacts.report import report_parts
from operators.builtin import provider
from operators.context import RunContext
from operators.errors import Cancelled
from operators.parameters import with_defaults
from operators.values import Images

pa = pytest.importorskip("pyarrow")
np = pytest.importorskip("numpy")

PACKAGES = {package.spec.id: package for package in provider()}


def run(identifier: str, inputs: dict[str, Any], folder: Path, seed: int = 0, **params: Any) -> dict[str, Any]:
    package = PACKAGES[identifier]
    logger = logging.getLogger("operator-test")
    context = RunContext(seed=seed, scratch=folder, emit=lambda message: None, logger=logger)
    return dict(package.load().run(inputs, with_defaults(package.spec.parameters, params), context) or {})


def noisy(rows: int = 300) -> Any:
    """A table in which `wide` and `word` decide the class, and `noise` says nothing."""
    generator = np.random.default_rng(3)
    wide, noise = generator.normal(size=(2, rows))
    word = generator.choice(["a", "b", "c"], rows)
    label = np.where(wide + 2 * (word == "c") > 0.8, "yes", "no")
    return pa.table({"noise": noise, "word": word, "wide": wide * 1000, "label": label})


@pytest.mark.parametrize(
    "kind", ["logistic_regression", "random_forest", "gradient_boosting", "svm", "nearest_neighbours"]
)
def test_importances_name_the_columns_that_count(kind: str, tmp_path: Path) -> None:
    made = run(
        "opyard.learn.train_classifier", {"table": noisy()}, tmp_path, target="label", folds=0, algorithm={"kind": kind}
    )
    table = made["importances"]
    assert set(table["feature"].to_pylist()[:2]) == {"wide", "word"}
    shares = table["importance"].to_pylist()
    assert sum(shares) == pytest.approx(1.0)
    assert shares == sorted(shares, reverse=True)


def test_scores_do_not_depend_on_the_number_of_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scores() -> Any:
        made = run("opyard.learn.train_regressor", {"table": noisy()}, tmp_path, target="wide", folds=2)
        return made["metrics"], made["importances"]

    first = scores()
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0})
    assert scores() == first


def test_a_model_that_predicts_the_mean_is_not_called_good(tmp_path: Path) -> None:
    shuffled = noisy().set_column(3, "label", pa.array(np.random.default_rng(1).choice(["yes", "no"], 300)))
    made = run("opyard.learn.train_classifier", {"table": shuffled}, tmp_path, target="label")
    assert made["metrics"]["cv_roc_auc"] < 0.65


def test_rare_texts_and_new_ones_do_not_stop_a_prediction(tmp_path: Path) -> None:
    table = pa.table({"name": [f"n{i}" for i in range(100)], "label": ["a", "b"] * 50})
    made = run(
        "opyard.learn.train_classifier",
        {"table": table},
        tmp_path,
        target="label",
        folds=2,
        max_categories=5,
        algorithm={"kind": "logistic_regression"},
    )
    new = pa.table({"name": ["never seen", None]})
    predicted = run("opyard.learn.predict", {"table": new, "model": made["model"]}, tmp_path)["table"]
    assert set(predicted["prediction"].to_pylist()) <= {"a", "b"}


def test_batches_of_a_prediction_are_joined_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained = pa.table({"x": np.arange(50.0), "y": 2 * np.arange(50.0)})
    model = run(
        "opyard.learn.train_regressor",
        {"table": trained},
        tmp_path,
        target="y",
        folds=0,
        algorithm={"kind": "linear"},
    )["model"]
    operator = PACKAGES["opyard.learn.predict"].load()
    monkeypatch.setitem(operator.run.__globals__, "BATCH_ROWS", 7)
    predicted = run("opyard.learn.predict", {"table": trained, "model": model}, tmp_path)["table"]
    assert predicted["prediction"].to_pylist() == pytest.approx(trained["y"].to_pylist())


@pytest.mark.parametrize("classes", [2, 3, 25])
def test_reports_on_classes_are_whole(classes: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    truth = np.arange(400) % classes
    guesses = np.where(generator.random(400) < 0.8, truth, generator.integers(0, classes, 400))
    probabilities = np.full((400, classes), 0.2 / (classes - 1))
    probabilities[np.arange(400), guesses] = 0.8
    columns = {f"probability_{index}": probabilities[:, index] for index in range(classes)}
    table = pa.table({"truth": truth, "prediction": guesses, **columns})
    made = run("opyard.learn.evaluate", {"predictions": table}, tmp_path, target="truth")
    parts = report_parts(made["report"].markdown())
    charts = [part for kind, part in parts if kind == "chart"]
    assert len(charts) == 4
    assert all(np.isfinite(value) for value in made["metrics"].values())
    assert len(json.dumps(charts)) < 300_000


def test_metrics_of_classes_are_those_of_the_library(tmp_path: Path) -> None:
    from sklearn import metrics

    generator = np.random.default_rng(5)
    truth = generator.integers(0, 4, 200)
    guesses = np.where(generator.random(200) < 0.6, truth, generator.integers(0, 4, 200))
    probabilities = generator.dirichlet(np.ones(4), 200)
    columns = {f"probability_{index}": probabilities[:, index] for index in range(4)}
    table = pa.table({"truth": truth, "prediction": guesses, **columns})
    found = run("opyard.learn.evaluate", {"predictions": table}, tmp_path, target="truth")["metrics"]
    expected = {
        "accuracy": metrics.accuracy_score(truth, guesses),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, guesses),
        "f1_macro": metrics.f1_score(truth, guesses, average="macro"),
        "matthews": metrics.matthews_corrcoef(truth, guesses),
        "log_loss": metrics.log_loss(truth, probabilities),
        "roc_auc": metrics.roc_auc_score(truth, probabilities, multi_class="ovr"),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_a_training_stops_when_it_is_cancelled(tmp_path: Path) -> None:
    package = PACKAGES["opyard.learn.train_classifier"]
    context = RunContext(scratch=tmp_path, emit=lambda message: None, logger=logging.getLogger("operator-test"))
    context._cancelled = True
    with pytest.raises(Cancelled):
        package.load().run({"table": noisy()}, with_defaults(package.spec.parameters, {"target": "label"}), context)


def test_moments_of_a_shape_stay_when_it_is_turned_and_moved(tmp_path: Path) -> None:
    shape = np.zeros((40, 40), np.uint8)
    shape[5:15, 5:9] = 255
    shape[11:15, 9:20] = 255
    pictures = Images([shape, np.rot90(shape).copy(), np.roll(shape, (7, 11), (0, 1))], pa.table({"n": [1, 2, 3]}))
    table = run("opyard.vision.image_features", {"images": pictures}, tmp_path, method={"kind": "hu_moments"})["table"]
    # The seventh turns its sign in a mirror only; all of them stay here.
    for name in table.column_names[1:]:
        assert table[name].to_pylist() == pytest.approx([table[name][0].as_py()] * 3, abs=1e-3), name


def test_gradients_do_not_change_with_brightness(tmp_path: Path) -> None:
    picture = np.random.default_rng(2).integers(60, 120, (16, 16)).astype(np.uint8)
    pictures = Images([picture, picture * 2, picture + 30], pa.table({"n": [1, 2, 3]}))
    table = run("opyard.vision.image_features", {"images": pictures}, tmp_path)["table"]
    values = np.column_stack([table[name] for name in table.column_names[1:]])
    assert values.shape == (3, 324)
    assert np.allclose(values[1], values[0], atol=1e-4)
    assert np.allclose(values[2], values[0], atol=1e-4)
