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
    "generators",
    "transformers",
    "validators",
    "patchesStrategicMerge",
)
# Lists of mappings, with the key that names a file.
_WITH_PATH = (("patches", "path"), ("patchesJson6902", "path"), ("replacements", "path"))
_GENERATORS = ("configMapGenerator", "secretGenerator")
_CHARTS = ("helmCharts", "helmChartInflationGenerator")


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
    found = Kustomization(name, content.get("kind") == "Component", tuple(_named(content, name)), documents[0].lines)
    for key in _CHARTS:
        if content.get(key):
            raise KustomizationError(
                f"{found.where(key)}: {key} brings a chart, which is not done here: "
                "judge what `kustomize build --enable-helm` prints"
            )
    return found


def _named(content: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    for key in _PATHS:
        yield from ((key, path) for path in _texts(content, key, name))
    for key, inner in _WITH_PATH:
        yield from ((key, str(one[inner])) for one in _mappings(content, key, name) if one.get(inner))
    for key in _GENERATORS:
        for one in _mappings(content, key, name):
            # `key=path` gives the entry another name than the file's.
            yield from ((key, path.rpartition("=")[2]) for path in _texts(one, "files", name))
            yield from ((key, path) for path in _texts(one, "envs", name))
            yield from ((key, str(path)) for path in [one.get("env")] if path)
    openapi = content.get("openapi")
    if isinstance(openapi, Mapping) and openapi.get("path"):
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
        yield one


def _listed(content: Mapping[str, Any], key: str, name: str) -> list[Any]:
    value = content.get(key) or []
    if not isinstance(value, list):
        raise KustomizationError(f"{name}: {key} is {short(value)}, expected is a list")
    return value
