"""The package under test: its cases, made ready and run once for all checks that look at them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from msgspec import Struct

from operators.artifacts.formats import delivered_schema, read_value, write_value
from operators.artifacts.store import ArtifactStore
from operators.discovery import discover
from operators.documents import InputRef, OperatorRef, StepDocument, StepResult
from operators.errors import PackageError
from operators.package import LoadedOperator, Package
from operators.parameters import with_defaults
from operators.schemas import PortSchema
from operators.spec import PortSpec
from operators.testing.cases import Case, cases_of, replaced
from operators.testing.materials import value_of, write_files
from operators.testing.runner import RunStep, put_secrets

SchemaIn = PortSchema | list[PortSchema | None] | None


class Ready(Struct, frozen=True):
    """A case whose files are written and whose inputs are artifacts."""

    case: Case
    params: dict[str, Any]
    inputs: dict[str, list[InputRef]]


class Outcome(Struct, frozen=True):
    """What came of a step, and the folder that its outputs lie in."""

    result: StepResult
    folder: str

    def value(self, name: str) -> Any:
        """The value that came out of an output, as an input without wishes is given it."""
        return read_value(self.result.outputs[name], self.path(name), PortSpec(name, "any"))

    def path(self, name: str) -> Path:
        """Where the file of an output lies."""
        return Path(self.folder, self.result.outputs[name].path)


class Subject:
    """One package, the way to run steps, and a folder to work in. Keeps what has been run, so it serves one thread.

    Args:
        package: what is tested.
        run_step: runs a step; see `operators.testing.runner`.
        folder: an empty folder; whoever made it deletes it.
    """

    def __init__(self, package: Package, run_step: RunStep, folder: Path) -> None:
        self.package = package
        self.folder = folder
        self._run_step = run_step
        self._ready: dict[int, Ready] = {}
        self._outcomes: dict[int, Outcome] = {}

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        return cases_of(self.package)

    @property
    def good_cases(self) -> tuple[Case, ...]:
        """The cases that must run through."""
        return tuple(case for case in self.cases if case.expect is not None)

    @cached_property
    def operator(self) -> LoadedOperator:
        return self.package.load()

    def ready(self, case: Case) -> Ready:
        """The case with its files and inputs in place.

        Raises:
            PackageError: an input is of no known kind, or the operator that shall make it does not.
        """
        if id(case) not in self._ready:
            folder = self.folder / uuid4().hex
            write_files(case.files, folder)
            put_secrets(replaced(case.secrets, str(folder)))
            inputs = self._inputs(case.inputs, self.package)
            self._ready[id(case)] = Ready(case, replaced(case.params, str(folder)), inputs)
        return self._ready[id(case)]

    def outcome(self, case: Case) -> Outcome:
        """What came of running the case, run when first asked for."""
        if id(case) not in self._outcomes:
            self._outcomes[id(case)] = self.run(self.ready(case))
        return self._outcomes[id(case)]

    def run(self, ready: Ready, params: Mapping[str, Any] | None = None) -> Outcome:
        """Run a case anew, with other `params` where they are given."""
        chosen = ready.params if params is None else dict(params)
        secrets = tuple(ready.case.secrets)
        return self._step(self.package, chosen, ready.inputs, ready.case.seed, secrets)

    def schemas(self, ready: Ready) -> dict[str, SchemaIn]:
        """What `configure` is told of the inputs of a case."""
        known: dict[str, SchemaIn] = {}
        for name, references in ready.inputs.items():
            port = self._port(self.package, name)
            delivered = [delivered_schema(reference.artifact.schema, port.type) for reference in references]
            known[name] = delivered if port.many else delivered[0]
        return known

    def completed(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """`params` as `run` and `configure` see them."""
        return with_defaults(self.package.spec.parameters, params)

    def _step(
        self,
        package: Package,
        params: Mapping[str, Any],
        inputs: Mapping[str, list[InputRef]],
        seed: int,
        secrets: tuple[str, ...] = (),
    ) -> Outcome:
        store = ArtifactStore(str(self.folder / "store"))
        key = uuid4().hex
        document = StepDocument(
            operator=OperatorRef(package.spec.id, package.spec.version, package.source, package.code_digest()),
            store=store.root,
            output=store.step_uri(key),
            attempt=store.attempt_uri("suite", key, 1),
            params=dict(params),
            inputs=dict(inputs),
            seed=seed,
            secrets=secrets,
        )
        return Outcome(self._run_step(document, package.spec.requirements), document.output)

    def _inputs(self, given: Mapping[str, Any], package: Package) -> dict[str, list[InputRef]]:
        made = {}
        for name, values in given.items():
            self._port(package, name)
            made[name] = [self._input(value) for value in (values if isinstance(values, list) else [values])]
        return made

    def _port(self, package: Package, name: str) -> PortSpec:
        port = package.spec.input(name)
        if port is None:
            ports = ", ".join(port.name for port in package.spec.inputs) or "none"
            raise PackageError(f"A case feeds the input {name!r}; the inputs of {package.spec.id} are {ports}.")
        return port

    def _input(self, given: Mapping[str, Any]) -> InputRef:
        made_by = next((value for value in given.values() if isinstance(value, Mapping) and "from" in value), None)
        if made_by is not None:
            return self._made_by(made_by, next(iter(given)))
        folder = self.folder / uuid4().hex
        folder.mkdir()
        kind, value = value_of(given, folder)
        artifact = write_value(PortSpec("input", kind), value, folder, "input")  # type: ignore[arg-type]
        return InputRef(str(folder), artifact)

    def _made_by(self, recipe: Mapping[str, Any], kind: str) -> InputRef:
        """What another operator makes of its own inputs."""
        package = _newest(recipe["from"])
        inputs = self._inputs(recipe.get("inputs", {}), package)
        made = self._step(package, recipe.get("params", {}), inputs, recipe.get("seed", 0))
        error, outputs, named = made.result.error, made.result.outputs, recipe.get("output")
        if error is not None:
            raise PackageError(f"{package.spec.id}, which makes an input, ended with: {error.message}")
        for name, artifact in outputs.items():
            if name == named or (named is None and artifact.type == kind):
                return InputRef(made.folder, artifact)
        raise PackageError(f"{package.spec.id} made no output {named or kind!r} for the case.")


def _newest(identifier: str) -> Package:
    from operators.versions import precedence

    found = [package for package in discover().packages if package.spec.id == identifier]
    if not found:
        raise PackageError(f"A case asks for an input made by {identifier}, which is not installed.")
    return max(found, key=lambda package: precedence(package.spec.version))
