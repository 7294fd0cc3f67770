# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argo CD's Application: where it installs a chart of this platform, its source holds the values of that chart.

https://argo-cd.readthedocs.io/en/stable/user-guide/helm/ says in which order values win: valueFiles, then values or
valuesObject (which replaces values), then parameters.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import helm_set, strict_yaml, values_file, versions
from .bundle import short
from .values_file import ValuesFile

# Names that charts of others have too.
_COMMON = ("base", "cni")
_LITERAL = re.compile(r":\s+(?:[&!]\S+\s+)*\|[-+0-9]*\s*(?:#.*)?$")


class ApplicationError(ValueError):
    """It has not the form of an Application; the message begins with where."""


@dataclass
class Source:
    """A source that installs a chart of this platform."""

    file: ValuesFile
    # Files of other repositories (`$ref/path`), strongest first: whoever reads the folder looks whether they are there.
    wanted: list[str]
    # `file:line` where they are asked for.
    where: str

    def take(self, values: dict[str, Any], origins: Mapping[str, str]) -> None:
        """Put values of a wanted file below those that are there: the strongest of them comes first."""
        self.file.values = _over(values, self.file.values)
        self.file.origins = {**origins, **self.file.origins}


@dataclass(frozen=True)
class Text:
    """The file it stands in: what messages call it, its lines, and the line of each key, also of those in lists (`a.0.b`)."""

    name: str
    lines: list[str] = field(default_factory=list)
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Part:
    """A mapping of the object, with its path and the file it stands in."""

    value: Mapping[str, Any]
    path: str
    text: Text

    def where(self, key: str = "") -> str:
        """Return `file:line` of a key, or of the nearest above it."""
        path = self._path(key)
        while path and path not in self.text.numbers:
            path = path.rpartition(".")[0]
        return f"{self.text.name}:{self.text.numbers[path]}" if path else self.text.name

    def part(self, key: str) -> _Part:
        return self._of(self.value.get(key) or {}, key)

    def word(self, key: str) -> str:
        value = self.value.get(key)
        return value if isinstance(value, str) else ""

    def words(self, key: str) -> list[str]:
        return [one if isinstance(one, str) else short(one) for one in self._list(key)]

    def parts(self, key: str) -> Iterator[_Part]:
        for number, one in enumerate(self._list(key)):
            yield self._of(one, f"{key}.{number}")

    def _list(self, key: str) -> list[Any]:
        value = self.value.get(key) or []
        if not isinstance(value, list):
            raise ApplicationError(f"{self.where(key)}: {key} is {short(value)}, expected is a list")
        return value

    def _of(self, value: Any, key: str) -> _Part:
        if not isinstance(value, Mapping):
            raise ApplicationError(f"{self.where(key)}: {key} is {short(value)}, expected is a mapping")
        return _Part(value, self._path(key), self.text)

    def _path(self, key: str) -> str:
        return f"{self.path}.{key}".strip(".")


def read(item: Mapping[str, Any], text: Text) -> tuple[list[Source], list[str]]:
    """Return the sources that install charts of this platform, and a line for each that does not. Raises ApplicationError."""
    top = _Part(item, "", text)
    made = item["kind"] == "ApplicationSet"
    spec = top.part("spec").part("template").part("spec") if made else top.part("spec")
    name = top.part("metadata").word("name") or "without a name"
    found, left = [], []
    for source in spec.parts("sources") if spec.value.get("sources") else [spec.part("source")]:
        chart = source.word("chart").rpartition("/")[2]
        if _ours(chart, source, spec, name):
            found.append(_made_by_set(chart, name, text) if made else _source(chart, source, spec, name))
        elif chart or source.word("path") or not source.word("ref"):
            what = f"chart {chart}, none of this platform" if chart else f"path {source.word('path')}; judge what is built of it"
            left.append(f"{source.where()} ({item['kind']} {name}: {what})")
    if not found and not left:
        left.append(f"{spec.where()} ({item['kind']} {name}: nothing is installed from its sources)")
    return found, left


def _ours(chart: str, source: _Part, spec: _Part, name: str) -> bool:
    said = (source.word("repoURL"), name, spec.part("destination").word("namespace"))
    return chart in values_file.CHARTS and (chart not in _COMMON or any("istio" in one for one in said))


def _made_by_set(chart: str, name: str, text: Text) -> Source:
    reason = (
        f"{text.name}: ApplicationSet {name} makes its Applications of what its generators find; judge those that "
        "`argocd appset generate` prints"
    )
    return Source(ValuesFile(f"{text.name} (ApplicationSet {name})", chart, "", False, {}, {}, unknown=reason), [], "")


def _source(chart: str, source: _Part, spec: _Part, name: str) -> Source:
    helm = source.part("helm")
    values, origins = _own_values(helm)
    asked = source.word("targetRevision")
    files = helm.words("valueFiles")
    in_chart = [one for one in files if not one.startswith("$")]
    version = asked.removeprefix("v") or versions.pinned(chart)
    unknown = ""
    if not values_file.is_version(version):
        unknown = f"{source.where('targetRevision')}: {asked} is no one version, and only the repository knows what it comes to"
        version = ""
    elif in_chart:
        unknown = f"{helm.where('valueFiles')}: {in_chart[0]} is a file within the chart, which is not read"
    elif helm.value.get("fileParameters"):
        unknown = f"{helm.where('fileParameters')}: these files are within the chart, which is not read"
    file = ValuesFile(
        name=f"{source.text.name} (Application {name})",
        chart=chart,
        version=version,
        pinned=not asked,
        values=values,
        origins=origins,
        release=helm.word("releaseName") or name,
        namespace=helm.word("namespace") or spec.part("destination").word("namespace"),
        unknown=unknown,
    )
    return Source(file, [one for one in reversed(files) if one.startswith("$")], helm.where("valueFiles"))


def _own_values(helm: _Part) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    name, numbers = helm.text.name, helm.text.numbers
    if helm.value.get("valuesObject"):
        given = helm.part("valuesObject")
        values = copy.deepcopy(dict(given.value))
        above = f"{given.path}."
        origins = {path.removeprefix(above): f"{name}:{line}" for path, line in numbers.items() if path.startswith(above)}
    elif helm.value.get("values"):
        values, origins = _written(helm)
    for one in helm.parts("parameters"):
        key, value = one.word("name"), one.value.get("value", "")
        if not key or not isinstance(value, str):
            raise ApplicationError(f"{one.where()}: a parameter is a name and a value, both of them texts")
        try:
            origins[helm_set.put(values, key, value, as_text=one.value.get("forceString") is True)] = one.where("name")
        except helm_set.SetError as error:
            raise ApplicationError(f"{one.where('name')}: {error}") from None
    return values, origins


def _written(helm: _Part) -> tuple[dict[str, Any], dict[str, str]]:
    """Read values that are YAML within a text. The lines are those of the file where the text is a literal block."""
    given, where, text = helm.value["values"], helm.where("values"), helm.text
    if not isinstance(given, str):
        raise ApplicationError(f"{where}: values is {short(given)}, expected is a text; a mapping belongs under valuesObject")
    line = text.numbers.get(f"{helm.path}.values", 0)
    literal = 0 < line <= len(text.lines) and bool(_LITERAL.search(text.lines[line - 1]))
    documents = strict_yaml.documents("\n" * line + given if literal else given, text.name if literal else f"{where}, values")
    value = documents[0].value if documents else None
    if len(documents) > 1 or not isinstance(value, (dict, type(None))):
        raise ApplicationError(f"{where}: values of a chart are one mapping")
    lines = documents[0].lines if value else {}
    return value or {}, {path: f"{text.name}:{at}" if literal else where for path, at in lines.items()}


def _over(below: Any, over: Any) -> Any:
    """Put values over others as Helm does with its files: null stays, as it is to remove what the chart has."""
    if isinstance(below, Mapping) and isinstance(over, Mapping):
        return {**below, **{key: _over(below.get(key), value) for key, value in over.items()}}
    return over
