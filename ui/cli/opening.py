"""How commands get at settings, catalogue and application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from marketplace.catalogue import Catalogue
    from marketplace.pipelines.document import Pipeline
    from scheduler.application import Application


def catalogue() -> Catalogue:
    """The catalogue of this installation, without opening its database."""
    from marketplace.catalogue import load_catalogue
    from marketplace.settings import load_settings

    return load_catalogue(load_settings())


@contextmanager
def application() -> Iterator[Application]:
    """The application of this installation, closed afterwards."""
    from scheduler.application import open_application

    opened = open_application()
    try:
        yield opened
    finally:
        opened.close()


def pipeline_file(path: Path) -> Pipeline:
    """The pipeline in a file.

    Raises:
        WrongUse: the file cannot be read.
        PipelineError: it holds no pipeline.
    """
    from marketplace.pipelines.document import read_pipeline
    from ui.errors import WrongUse

    try:
        data = path.read_bytes()
    except OSError as error:
        raise WrongUse(f"The pipeline file {path} cannot be read: {error.strerror}.") from error
    return read_pipeline(data, str(path))
