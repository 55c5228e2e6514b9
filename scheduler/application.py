"""All of Opyard below its ways in, opened with one call: pages, the command line, the API and notebooks stand on it."""

from __future__ import annotations

from functools import cached_property
from types import TracebackType

from marketplace.catalogue import Catalogue, load_catalogue
from marketplace.pipelines.flow import SchemaFlow
from marketplace.settings import Settings, load_settings
from marketplace.store import Store, open_store
from operators.artifacts.store import ArtifactStore
from operators.configure import ConfigureProcess
from scheduler.engines.local.logs import LocalLogs
from scheduler.engines.local.process import ensure_engine
from scheduler.runs import Runs


class Application:
    """The parts, each opened when it is first asked for.

    Args:
        start_engine: start an embedded engine when a run is asked for and none is there.
    """

    def __init__(self, settings: Settings, start_engine: bool = True) -> None:
        self.settings = settings
        self._start_engine = start_engine
        self._configure = ConfigureProcess()

    @cached_property
    def catalogue(self) -> Catalogue:
        return load_catalogue(self.settings)

    @cached_property
    def store(self) -> Store:
        return open_store(self.settings.database)

    @cached_property
    def artifacts(self) -> ArtifactStore:
        return ArtifactStore(self.settings.artifacts, self.settings.artifact_options)

    @cached_property
    def flow(self) -> SchemaFlow:
        return SchemaFlow(self._configure)

    @cached_property
    def runs(self) -> Runs:
        logs = LocalLogs(self.settings.logs)
        return Runs(
            self.settings, self.store, self.catalogue, self.artifacts, self.flow, logs, engine_needed=self._need_engine
        )

    def close(self) -> None:
        """End the helper process and the database connections."""
        self._configure.close()
        if "store" in self.__dict__:
            self.store.close()

    def __enter__(self) -> Application:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _need_engine(self) -> None:
        if self._start_engine:
            ensure_engine(self.settings, self.store)


def open_application(settings: Settings | None = None, start_engine: bool = True) -> Application:
    """Opyard with these settings, or those of the environment."""
    return Application(settings or load_settings(), start_engine)
