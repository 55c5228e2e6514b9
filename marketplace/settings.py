"""Settings: one typed object, read from a file, the environment and what the caller says.

========================  =====================================================================================
setting                   meaning, and default
========================  =====================================================================================
``home``                  folder of the embedded default: database, artifacts, logs (``~/.opyard``)
``database``              URL of the metadata store (``sqlite:///<home>/opyard.db``; or ``postgresql+psycopg://…``)
``artifacts``             URI that artifacts are kept under (``file://<home>/artifacts``; or ``s3://bucket/prefix``)
``artifact_options``      options of that file system, such as an endpoint (none; a JSON object in the environment)
``logs``                  folder of the logs of runs (``<home>/logs``)
``files``                 where relative paths of pipelines made in the browser start (``<home>/files``)
``operator_folders``      folders with further operator packages (none; separated by ``:`` in the environment)
``workers``               steps that run at one time (the CPU cores this process may use)
``host``                  address to listen on (``127.0.0.1``)
``port``                  port to listen on (8501)
``language``              ``en``, ``zh``, or ``auto``: what the browser or terminal prefers (``auto``)
``step_seconds``          wall time that a step may take where nothing else is said (unlimited)
``step_memory``           resident memory that a step may take where nothing else is said, as '2GiB' (unlimited)
``log_bytes``             what is kept of the log of one attempt of one step (10 MB)
========================  =====================================================================================

The later of these wins: the defaults; the file ``<home>/opyard.toml``, or the one that ``OPYARD_SETTINGS`` names
(relative paths in it start at its folder); environment variables ``OPYARD_<SETTING>``; what the caller passes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, cast

from msgspec import Struct

from marketplace.errors import SettingsError

PREFIX = "OPYARD_"
FILE_NAME = "opyard.toml"

Language = Literal["en", "zh", "auto"]

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}

# Variables of ours that are no settings: the file itself, and where operators find secrets.
_OTHER_VARIABLES = ("SETTINGS", "SECRETS")


class Settings(Struct, frozen=True):
    """All settings; the module's table says what each means. Sizes are bytes, times seconds."""

    home: Path
    database: str
    artifacts: str
    logs: Path
    files: Path
    workers: int
    artifact_options: dict[str, Any] = {}
    operator_folders: tuple[Path, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8501
    language: Language = "auto"
    step_seconds: float | None = None
    step_memory: int | None = None
    log_bytes: int = 10_000_000


def load_settings(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """The settings of this process; an override of None counts as not given.

    Raises:
        SettingsError: a key of the file, a variable or an override is unknown (names the closest), or its value
            is not what the setting takes. Variables that are not like any setting are let be.
    """
    environ = os.environ if environ is None else environ
    given = {name: value for name, value in overrides.items() if value is not None}
    from_environment = _variables(environ)
    home = given.get("home") or from_environment.get("home") or "~/.opyard"
    file = Path(environ.get(PREFIX + "SETTINGS") or Path(home).expanduser() / FILE_NAME)
    values: dict[str, Any] = {}
    if file.is_file() or PREFIX + "SETTINGS" in environ:
        values |= _checked(_file(file), str(file), file.absolute().parent)
    values |= _checked(from_environment, "the environment", Path.cwd(), variables=True)
    values |= _checked(given, "the call", Path.cwd())
    return _complete(values)


def bytes_of(value: int | str) -> int:
    """The number of bytes that '2GiB', '500 MB', '4096' or 4096 means.

    Raises:
        ValueError: it is none of these.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", str(value))
    if isinstance(value, bool) or not found or found[2].upper() not in _UNITS:
        raise ValueError(f"expected a size such as '2GiB' or a number of bytes, found {value!r}")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def _complete(values: dict[str, Any]) -> Settings:
    home = values.pop("home", None) or Path("~/.opyard").expanduser().absolute()
    defaults: dict[str, Any] = {
        "database": f"sqlite:///{home / 'opyard.db'}",
        "artifacts": (home / "artifacts").as_uri(),
        "logs": home / "logs",
        "files": home / "files",
        "workers": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
    }
    return Settings(home=home, **{**defaults, **values})


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for variable, value in environ.items():
        name = variable.removeprefix(PREFIX)
        if name == variable or name.startswith("SECRET_") or name in _OTHER_VARIABLES:
            continue
        if name.lower() in Settings.__struct_fields__ and name == name.upper():
            found[name.lower()] = value
        elif close := get_close_matches(name.lower(), Settings.__struct_fields__, n=1, cutoff=0.8):
            raise SettingsError(
                f"The environment variable {variable} is no setting. Did you mean {PREFIX}{close[0].upper()}?"
            )
    return found


def _file(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} is not TOML: {error}.") from error


def _checked(given: Mapping[str, Any], origin: str, folder: Path, *, variables: bool = False) -> dict[str, Any]:
    values = {}
    for name, value in given.items():
        if name not in _READERS:
            close = get_close_matches(name, _READERS, n=1, cutoff=0.0)
            raise SettingsError(f"{origin} has the unknown setting {name!r}. Did you mean {close[0]!r}?")
        shown = PREFIX + name.upper() if variables else repr(name)
        try:
            values[name] = _READERS[name](value, folder)
        except (ValueError, TypeError) as error:
            raise SettingsError(f"The setting {shown} in {origin} is wrong: {error}.") from error
    return values


def _text(value: Any, _: Path) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"expected text, found {value!r}")
    return value


def _path(value: Any, folder: Path) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise ValueError(f"expected a folder, found {value!r}")
    return folder / Path(value).expanduser()


def _uri(value: Any, folder: Path) -> str:
    text = _text(value, folder)
    return text if "://" in text else _path(text, folder).as_uri()


def _options(value: Any, _: Path) -> dict[str, Any]:
    import msgspec

    try:
        return msgspec.json.decode(value, type=dict[str, Any]) if isinstance(value, str) else dict(value)
    except msgspec.DecodeError as error:
        raise ValueError(f"expected a JSON object: {error}") from error


def _entries(value: Any, separator: str) -> list[Any]:
    return [entry for entry in value.split(separator) if entry] if isinstance(value, str) else list(value)


def _folders(value: Any, folder: Path) -> tuple[Path, ...]:
    return tuple(_path(entry, folder) for entry in _entries(value, os.pathsep))


def _number(low: int, high: int | None = None) -> Callable[[Any, Path], int]:
    def read(value: Any, _: Path) -> int:
        wanted = f"a whole number from {low}" + (f" to {high}" if high else "")
        text = str(value).strip()
        if isinstance(value, bool) or not text.isdecimal() or not low <= int(text) <= (high or int(text)):
            raise ValueError(f"expected {wanted}, found {value!r}")
        return int(text)

    return read


def _seconds(value: Any, _: Path) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ValueError(f"expected a number of seconds above 0, found {value!r}")
    return seconds


def _size(value: Any, _: Path) -> int:
    return bytes_of(value)


def _language(value: Any, _: Path) -> Language:
    if value not in ("en", "zh", "auto"):
        raise ValueError(f"expected 'en', 'zh' or 'auto', found {value!r}")
    return cast("Language", value)


_READERS: Mapping[str, Callable[[Any, Path], Any]] = {
    "home": _path,
    "database": _text,
    "artifacts": _uri,
    "artifact_options": _options,
    "logs": _path,
    "files": _path,
    "operator_folders": _folders,
    "workers": _number(1),
    "host": _text,
    "port": _number(0, 65535),
    "language": _language,
    "step_seconds": _seconds,
    "step_memory": _size,
    "log_bytes": _size,
}
