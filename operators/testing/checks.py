"""The checks of the conformance suite. Each takes a `Subject` and gives the problems it finds; none means it passes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from form_specs.values import Values
from operators.errors import ParameterError
from operators.lint import lint
from operators.schemas import Column, PortSchema, columns_of
from operators.testing.bad_values import bad_values, unguarded
from operators.testing.cases import Case
from operators.testing.comparison import differences, same_output
from operators.testing.documentation import readme_problems, text_problems
from operators.testing.subject import Ready, Subject

HEAVY = (
    "polars",
    "pyarrow",
    "sklearn",
    "numpy",
    "pandas",
    "duckdb",
    "cv2",
    "scipy",
    "sqlalchemy",
    "torch",
    "matplotlib",
)


def check_spec(subject: Subject) -> Iterator[str]:
    """`operator.json` says what it must (see `operators.lint`)."""
    yield from map(str, lint(dict(subject.package.document())))


def check_defaults(subject: Subject) -> Iterator[str]:
    """The defaults are valid, or lack only what has none: an empty text or list is a place to be filled in too."""
    from form_specs import Form

    start = subject.completed({})
    for error in Form.from_schema(subject.package.spec.parameters).check(start):
        if error.code != "forms.check.required" and Values(start).get(error.pointer) not in ("", []):
            yield f"The default of {error.pointer or '/'} is refused: {error.message}"


def check_cases(subject: Subject) -> Iterator[str]:
    """Every case of `tests.json` runs and holds; at least one must run through."""
    if not subject.good_cases:
        yield "tests.json has no case with `expect`. Add one that shows what the operator is for."
    for case in subject.cases:
        yield from (f"{case.title}: {problem}" for problem in _case_problems(subject, case))


def _case_problems(subject: Subject, case: Case) -> Iterator[str]:
    if case.refuses is not None:
        yield from _refusal_problems(subject, case)
        return
    outcome = subject.outcome(case)
    error = outcome.result.error
    if case.fails is not None:
        if error is None:
            yield f"expected {case.fails.kind}, and it ran through."
        elif error.kind != case.fails.kind or case.fails.contains not in error.message:
            yield f"expected {case.fails.kind} with {case.fails.contains!r}, found {error.kind}: {error.message}"
    elif error is not None:
        yield f"ended with {error.kind}: {error.message}\n{error.traceback}"
    else:
        yield from differences(outcome, case.expect or {})


def _refusal_problems(subject: Subject, case: Case) -> Iterator[str]:
    wanted = case.refuses
    assert wanted is not None  # noqa: S101 - the caller has looked
    refusals = refusals_of(subject, subject.ready(case))
    if not refusals:
        yield "the parameters are accepted, by the form, by `configure` and by `run`."
    elif not any(pointer == wanted.pointer and wanted.contains in message for pointer, message in refusals):
        found = "; ".join(f"{pointer or '/'}: {message}" for pointer, message in refusals)
        yield f"expected a refusal at {wanted.pointer!r} with {wanted.contains!r}, found {found}"


def refusals_of(subject: Subject, ready: Ready) -> list[tuple[str, str]]:
    """Where the parameters of a case are refused and with which words: by the form and `configure`, else by `run`."""
    from form_specs import Form

    form, schemas = Form.from_schema(subject.package.spec.parameters), subject.schemas(ready)
    known = {name: columns_of(schema) for name, schema in schemas.items() if not isinstance(schema, list)}
    columns = {name: found for name, found in known.items() if found is not None}
    refusals = [(error.pointer, error.message) for error in form.with_columns(columns).check(ready.params)]
    if subject.operator.configure is not None and not form.check(ready.params):
        try:
            subject.operator.configure(schemas, subject.completed(ready.params))
        except ParameterError as error:
            refusals.append((error.pointer, str(error)))
    if refusals:
        return refusals
    failure = subject.outcome(ready.case).result.error
    return [] if failure is None else [(failure.pointer or "", failure.message)]


def check_bad_parameters(subject: Subject) -> Iterator[str]:
    """Wrong types, values out of range, unknown names and missing values are refused at their place, with a message."""
    from form_specs import Form

    good = _good_params(subject)
    form = Form.from_schema(subject.package.spec.parameters)
    for pointer in unguarded(form, good):
        yield f"{pointer} takes any value whatever. Give it a type, an enum or a range in its schema."
    for bad in bad_values(form, good):
        errors = form.check(bad.params)
        if not any(error.pointer == bad.pointer and error.message for error in errors):
            found = "; ".join(f"{error.pointer}: {error.message}" for error in errors) or "they are accepted"
            yield f"{bad.pointer}: {bad.what}, and the parameters must be refused there; found {found}."
    yield from _refused_by_step(subject, next(bad_values(form, good), None))


def _good_params(subject: Subject) -> dict[str, Any]:
    """Valid parameters to make wrong: those of the case that gives the most, completed by the defaults."""
    cases = sorted(subject.good_cases, key=lambda case: -len(case.params))
    return subject.completed(subject.ready(cases[0]).params if cases else {})


def _refused_by_step(subject: Subject, bad: Any) -> Iterator[str]:
    """The same refusal once through a real step."""
    if bad is None or not subject.good_cases:
        return
    error = subject.run(subject.ready(subject.good_cases[0]), bad.params).result.error
    if error is None:
        yield f"{bad.pointer}: {bad.what}, and the step ran all the same."
    elif error.kind != "ParameterError" or error.pointer != bad.pointer:
        yield f"{bad.pointer}: {bad.what}; the step ended with {error.kind} at {error.pointer}: {error.message}"


def check_configure(subject: Subject) -> Iterator[str]:
    """`configure` says what `run` really makes, and needs to know nothing."""
    configure = subject.operator.configure
    if configure is None:
        return
    for case in subject.good_cases:
        ready = subject.ready(case)
        params = subject.completed(ready.params)
        try:
            said = configure(subject.schemas(ready), params)
            configure(_nothing_known(subject, ready), params)
        except Exception as error:
            hint = " An input is None where its columns are not known yet." if isinstance(error, AttributeError) else ""
            yield f"{case.title}: configure ended with {type(error).__name__}: {error}.{hint}"
            continue
        yield from (f"{case.title}: {problem}" for problem in _disagreements(subject, case, said))


def _nothing_known(subject: Subject, ready: Ready) -> dict[str, Any]:
    many = {port.name for port in subject.package.spec.inputs if port.many}
    return {name: [None] * len(given) if name in many else None for name, given in ready.inputs.items()}


def _disagreements(subject: Subject, case: Case, said: Mapping[str, PortSchema | None]) -> Iterator[str]:
    spec, outputs = subject.package.spec, subject.outcome(case).result.outputs
    for name, schema in said.items():
        if spec.output(name) is None:
            yield f"configure speaks of {name!r}, which is no output."
        elif schema is not None and name in outputs:
            yield from (f"{name}: {problem}" for problem in _schema_differences(schema, outputs[name].schema))


def _schema_differences(said: PortSchema, made: PortSchema | None) -> Iterator[str]:
    if type(said) is not type(made):
        yield f"configure says {type(said).__name__}, run makes {type(made).__name__}."
        return
    expected, found = columns_of(said), columns_of(made)
    if expected is not None and not _same_columns(expected, found or ()):
        yield f"configure says the columns {_shown(expected)}, run makes {_shown(found or ())}."
    for fact in ("task", "dimension"):
        if getattr(said, fact, None) not in (None, getattr(made, fact, None)):
            yield f"configure says {fact} {getattr(said, fact)}, run makes {getattr(made, fact, None)}."
    target = getattr(said, "target", None)
    if target is not None and target != getattr(made, "target", None):
        yield f"configure says target {target}, run makes {getattr(made, 'target', None)}."


def _same_columns(said: tuple[Column, ...], made: tuple[Column, ...]) -> bool:
    return len(said) == len(made) and all(
        one.name == two.name and (one.type == two.type or "unknown" in (one.type, two.type))
        for one, two in zip(said, made, strict=True)
    )


def _shown(columns: tuple[Column, ...]) -> str:
    return ", ".join(f"{column.name}: {column.type}" for column in columns[:30]) or "none"


def check_same_seed(subject: Subject) -> Iterator[str]:
    """Two runs of one case with one seed give the same output."""
    for case in subject.good_cases[:1]:
        first = subject.outcome(case)
        second = subject.run(subject.ready(case))
        if first.result.state == second.result.state == "done":
            yield from same_output(first, second)
        elif first.result.state != second.result.state:
            yield f"The first run was {first.result.state}, the second {second.result.state}."


def check_documentation(subject: Subject) -> Iterator[str]:
    """The README says what it must, and every text is there in English and Chinese."""
    yield from readme_problems(subject.package)
    yield from text_problems(subject.package.spec)


def check_import(subject: Subject) -> Iterator[str]:
    """Importing the code brings in no heavy library; those are imported inside the functions that need them."""
    import operators

    program = (
        "import sys; from pathlib import Path; from operators.discovery import find; before = set(sys.modules);"
        "find(*sys.argv[1:4]).load(); print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    spec = subject.package.spec
    command = [sys.executable, "-c", program, spec.id, spec.version, subject.package.source]
    root = str(next(iter(operators.__path__)))
    done = subprocess.run(command, capture_output=True, text=True, cwd=root.rpartition("/")[0], check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        places = [line.strip() for line in said if line.lstrip().startswith(f'File "{subject.package.source}')]
        yield f"The code cannot be imported: {said[-1]}{f' ({places[-1]})' if places else ''}"
    heavy = sorted(set(done.stdout.split()) & set(HEAVY))
    if heavy:
        yield f"Importing it imports {', '.join(heavy)}. Import them inside the functions that need them."
