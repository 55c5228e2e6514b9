"""The columns of each data set, so that they are known without loading it."""

from __future__ import annotations

from dataclasses import dataclass

_NUCLEUS = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave_points",
    "symmetry",
    "fractal_dimension",
)


@dataclass(frozen=True)
class DataSet:
    """The columns that were measured and those that are to be predicted; whether the latter are classes with names."""

    features: tuple[str, ...]
    targets: tuple[str, ...]
    target_type: str
    classes: bool


DATA_SETS = {
    "iris": DataSet(
        ("sepal_length_cm", "sepal_width_cm", "petal_length_cm", "petal_width_cm"), ("species",), "integer", True
    ),
    "wine": DataSet(
        (
            "alcohol",
            "malic_acid",
            "ash",
            "alcalinity_of_ash",
            "magnesium",
            "total_phenols",
            "flavanoids",
            "nonflavanoid_phenols",
            "proanthocyanins",
            "color_intensity",
            "hue",
            "od280_od315",
            "proline",
        ),
        ("cultivar",),
        "integer",
        True,
    ),
    "breast_cancer": DataSet(
        tuple(f"{kind}_{name}" for kind in ("mean", "error", "worst") for name in _NUCLEUS),
        ("diagnosis",),
        "integer",
        True,
    ),
    "diabetes": DataSet(
        ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"), ("progression",), "number", False
    ),
    "digits": DataSet(
        tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8)), ("digit",), "integer", False
    ),
    "linnerud": DataSet(("chins", "situps", "jumps"), ("weight", "waist", "pulse"), "number", False),
}
