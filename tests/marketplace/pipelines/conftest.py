"""A catalogue of small operators and the process that asks them, shared by the tests of one session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from marketplace.catalogue import Catalogue
from marketplace.pipelines.flow import SchemaFlow
from operators.configure import ConfigureProcess
from tests.marketplace.packages import sample_catalogue


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return sample_catalogue(tmp_path_factory.mktemp("operators"))


@pytest.fixture(scope="session")
def process() -> Iterator[ConfigureProcess]:
    process = ConfigureProcess(seconds=10, warm=())
    yield process
    process.close()


@pytest.fixture
def flow(process: ConfigureProcess) -> SchemaFlow:
    return SchemaFlow(process)
