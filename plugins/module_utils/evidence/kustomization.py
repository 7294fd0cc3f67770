# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kustomizations that are not built: which files they are made of. Bases and patches alone are no objects of a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import strict_yaml
from .bundle import short

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_GROUP = "kustomize.config.k8s.io/"
# Lists of files or folders.
_PATHS = (
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "patchesStrategicMerge",
)
# Lists of mappings, with the key that names a file.
_WITH_PATH = (("patches", "path"), ("patchesJson6902", "path"), ("replacements", "path"))
_GENERATORS = ("configMapGenerator", "secretGenerator")
# Lists of what Kustomize's own generators and transformers are given, which may name files too.
PLUGINS = ("generators", "transformers", "validators")
_OF_PLUGINS = ("path", "paths", "files", "envs", "env")
_CHARTS = ("helmCharts", "helmChartInflationGenerator")
# Kustomize takes them in any case, also in one where nobody would see what they bring.
_KEYS = (
    *_PATHS,
    *PLUGINS,
    *(key for pair in _WITH_PATH for key in pair),
    *_GENERATORS,
    *_CHARTS,
    "files",
    "envs",
    "env",
    "openapi",
)
_SPELLED = {key.casefold(): key for key in _KEYS}


class KustomizationError(ValueError):
    """It cannot be built here; the message begins with where."""


@dataclass(frozen=True)
class Kustomization:
    """What a kustomization names, each with the key that names it."""

    name: str
    # A component is no whole: it is built only as a part of others.
    component: bool
    named: tuple[tuple[str, str], ...]
    lines: Mapping[str, int]

    def where(self, key: str) -> str:
        return f"{self.name}:{self.lines[key]}" if key in self.lines else self.name


def read(text: str, name: str) -> Kustomization | None:
    """Read a file named as kustomizations are; None when it is none of Kustomize's. Raises KustomizationError or YamlError."""
    documents = strict_yaml.documents(text, name)
    content = documents[0].value if documents else None
    if not isinstance(content, Mapping) or not str(content.get("apiVersion") or _GROUP).startswith(_GROUP):
        return None
    _refuse_spelling(content, name)
    found = Kustomization(name, content.get("kind") == "Component", tuple(_named(content, name)), documents[0].lines)
    for key in _CHARTS:
        if content.get(key):
            raise KustomizationError(
                f"{found.where(key)}: {key} brings a chart, which is not done here: "
                "judge what `kustomize build --enable-helm` prints"
            )
    return found


def _refuse_spelling(content: Mapping[str, Any], name: str) -> None:
    for key in content:
        spelled = _SPELLED.get(str(key).casefold(), key)
        if spelled != key:
            raise KustomizationError(f"{name}: {short(key)} is not how Kustomize spells it: write {spelled}")


def named_by_plugins(text: str, name: str) -> Iterator[str]:
    """Give the files that are named in what plugins are given, in whatever case. Raises YamlError."""
    waiting = [document.value for document in strict_yaml.documents(text, name)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += one.values()
            for key, value in one.items():
                if str(key).casefold() in _OF_PLUGINS:
                    yield from (_file(path) for path in (value if isinstance(value, list) else [value]) if isinstance(path, str))
        elif isinstance(one, list):
            waiting += one


def _file(path: str) -> str:
    """Return the file of an entry: `key=path` gives the entry another name than the file's."""
    return path.rpartition("=")[2]


def _named(content: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    for key in (*_PATHS, *PLUGINS):
        yield from ((key, path) for path in _texts(content, key, name))
    for key in PLUGINS:
        for text in _listed(content, key, name):
            if "\n" in text:
                yield from ((key, path) for path in named_by_plugins(text, f"{name}: {key}"))
    for key, inner in _WITH_PATH:
        yield from ((key, str(one[inner])) for one in _mappings(content, key, name) if one.get(inner))
    for key in _GENERATORS:
        for one in _mappings(content, key, name):
            yield from ((key, _file(path)) for path in _texts(one, "files", name))
            yield from ((key, path) for path in _texts(one, "envs", name))
            yield from ((key, str(path)) for path in [one.get("env")] if path)
    openapi = content.get("openapi")
    if isinstance(openapi, Mapping):
        _refuse_spelling(openapi, name)
        if openapi.get("path"):
            yield "openapi", str(openapi["path"])


def _texts(content: Mapping[str, Any], key: str, name: str) -> Iterator[str]:
    for one in _listed(content, key, name):
        if not isinstance(one, str):
            raise KustomizationError(f"{name}: {key} has {short(one)}, expected are texts")
        # More than a line is no path but the thing itself.
        if one and "\n" not in one:
            yield one


def _mappings(content: Mapping[str, Any], key: str, name: str) -> Iterator[Mapping[str, Any]]:
    for one in _listed(content, key, name):
        if not isinstance(one, Mapping):
            raise KustomizationError(f"{name}: {key} has {short(one)}, expected are mappings")
        _refuse_spelling(one, name)
        yield one


def _listed(content: Mapping[str, Any], key: str, name: str) -> list[Any]:
    value = content.get(key) or []
    if not isinstance(value, list):
        raise KustomizationError(f"{name}: {key} is {short(value)}, expected is a list")
    return value
