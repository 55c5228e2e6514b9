"""The catalogue: which operators there are, in which versions, and which of them fit what is looked for.

Reads specs only; no operator code is ever imported here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property

from msgspec import Struct

from form_specs.text import localized
from marketplace.errors import OperatorUnknown
from marketplace.settings import Settings
from operators.discovery import Broken, Discovery, discover
from operators.package import Package
from operators.ports import PortType, may_connect
from operators.spec import LocalizedText, OperatorSpec
from operators.versions import is_prerelease, precedence


class Entry(Struct, frozen=True):
    """An operator as a list shows it: its latest version, and all versions there are, the newest first."""

    id: str
    version: str
    versions: tuple[str, ...]
    title: str
    summary: str
    category: str
    tags: tuple[str, ...]
    inputs: tuple[PortType, ...]
    outputs: tuple[PortType, ...]
    deprecated: str | None


class Catalogue:
    """The operators that were discovered; immutable.

    Attributes:
        broken: what should be an operator and is not, with the reason.
    """

    def __init__(self, discovery: Discovery) -> None:
        self.broken: tuple[Broken, ...] = discovery.broken
        found: dict[str, dict[str, Package]] = {}
        for package in discovery.packages:
            found.setdefault(package.spec.id, {})[package.spec.version] = package
        self._packages = {id: _newest_first(found[id]) for id in sorted(found)}

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._packages)

    def versions(self, id: str) -> tuple[str, ...]:
        """The versions of an operator, the newest first and pre-releases last; empty where there is none."""
        return tuple(self._packages.get(id, ()))

    def get(self, id: str, version: str | None = None) -> Package:
        """The package of that id and version, or of the latest version.

        Raises:
            OperatorUnknown: names the ids that are most alike, or the versions there are.
        """
        versions = self._packages.get(id)
        if not versions:
            close = get_close_matches(id, self._packages, n=3, cutoff=0.6) or self._alike(id)
            meant = f" Did you mean {' or '.join(close)}?" if close else " `opyard operators list` shows all."
            raise OperatorUnknown(f"There is no operator {id!r}.{meant}", close)
        if version is None:
            return next(iter(versions.values()))
        if version not in versions:
            there = ", ".join(versions)
            raise OperatorUnknown(
                f"There is no version {version} of the operator {id}; there is {there}.", list(versions)
            )
        return versions[version]

    def entries(self, language: str = "en") -> tuple[Entry, ...]:
        """All operators, by category and title."""
        entries = (_entry(tuple(versions.values()), language) for versions in self._packages.values())
        return tuple(sorted(entries, key=lambda entry: (entry.category, entry.title.casefold(), entry.id)))

    def search(
        self,
        words: str = "",
        category: str | None = None,
        tag: str | None = None,
        takes: PortType | None = None,
        gives: PortType | None = None,
        language: str = "en",
    ) -> tuple[Entry, ...]:
        """Operators that everything given holds for, the best match first.

        Args:
            words: each must be in the id, title, summary, category or a tag, in any language.
            takes: has an input that an output of this type may feed.
            gives: has an output that may feed an input of this type.
        """
        scored = []
        for entry in self.entries(language):
            spec = self.get(entry.id).spec
            if category not in (None, spec.category) or (tag is not None and tag not in spec.tags):
                continue
            if not _fits_ports(spec, takes, gives):
                continue
            score = self._score(entry.id, words.casefold().split())
            if score is not None:
                scored.append((-score, entry))
        return tuple(entry for _, entry in sorted(scored, key=lambda pair: pair[0]))

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(sorted({self.get(id).spec.category for id in self._packages}))

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(sorted({tag for id in self._packages for tag in self.get(id).spec.tags}))

    @cached_property
    def _texts(self) -> dict[str, tuple[tuple[int, str], ...]]:
        """What each operator is found by, with its weight."""
        return {id: tuple(_searched(self.get(id).spec)) for id in self._packages}

    def _score(self, id: str, words: Sequence[str]) -> int | None:
        """How well an operator matches: higher is better, None where a word is nowhere."""
        total = 0
        for word in words:
            scores = [_weigh(weight, text, word) for weight, text in self._texts[id] if word in text]
            if not scores:
                return None
            total += max(scores)
        return total

    def _alike(self, id: str) -> list[str]:
        """The ids whose last part is like that of `id`: people remember the name and forget the family."""
        by_name = {known.rpartition(".")[2]: known for known in self._packages}
        return [by_name[name] for name in get_close_matches(id.rpartition(".")[2], by_name, n=3, cutoff=0.7)]


def load_catalogue(settings: Settings) -> Catalogue:
    """The catalogue of all installed providers and of the folders that the settings name."""
    return Catalogue(discover(settings.operator_folders))


def _newest_first(versions: Mapping[str, Package]) -> dict[str, Package]:
    """Releases before pre-releases, and of each the newest first."""
    ordered = sorted(versions, key=precedence, reverse=True)
    ordered.sort(key=is_prerelease)
    return {version: versions[version] for version in ordered}


def _entry(versions: tuple[Package, ...], language: str) -> Entry:
    spec = versions[0].spec
    return Entry(
        id=spec.id,
        version=spec.version,
        versions=tuple(package.spec.version for package in versions),
        title=localized(spec.title, language),
        summary=localized(spec.summary, language),
        category=spec.category,
        tags=spec.tags,
        inputs=tuple(port.type for port in spec.inputs),
        outputs=tuple(port.type for port in spec.outputs),
        deprecated=None if spec.deprecated is None else localized(spec.deprecated, language),
    )


def _fits_ports(spec: OperatorSpec, takes: PortType | None, gives: PortType | None) -> bool:
    if takes is not None and not any(may_connect(takes, port.type) for port in spec.inputs):
        return False
    return gives is None or any(may_connect(port.type, gives) for port in spec.outputs)


def _searched(spec: OperatorSpec) -> Iterable[tuple[int, str]]:
    yield 40, spec.id.casefold()
    yield from ((40, text) for text in _all_languages(spec.title))
    yield from ((20, tag.casefold()) for tag in (*spec.tags, spec.category))
    yield from ((10, text) for text in _all_languages(spec.summary))


def _all_languages(text: LocalizedText) -> list[str]:
    return [text.casefold()] if isinstance(text, str) else [each.casefold() for each in text.values()]


def _weigh(weight: int, text: str, word: str) -> int:
    """A whole text counts more than the beginning of a word in it, and that more than letters amid a word."""
    if text == word:
        return weight + 15
    return weight + (8 if re.search(rf"\b{re.escape(word)}", text) else 0)
