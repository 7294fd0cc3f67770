# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of Helm values: `<chart>.values.yaml` or `<chart>-<version>.values.yaml`, the whole of what a user gives the chart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from . import strict_yaml, versions

CHARTS = tuple(versions.PROJECT_OF_CHART)
# The names that everybody gives the releases of these charts.
_ALIASES = {"istio-base": "base", "istio-cni": "cni"}
_NAMES = (*CHARTS, *_ALIASES)
_NAME = re.compile(r"^(?P<chart>" + "|".join(_NAMES) + r")(?:-v?(?P<version>.+))?\.values\.ya?ml$")
_ANY = re.compile(r"^(?P<chart>.+?)(?P<version>-v?\d.*)?\.values\.ya?ml$")
# Words that other charts have in their names too: aws-vpc-cni.
_COMMON = ("base", "cni")
_CLOSE = 0.75
_VERSION = re.compile(r"^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$")


class ValuesError(ValueError):
    """The file is no values file of its chart; the message begins with the file."""


@dataclass
class ValuesFile:
    """What a chart is given; `pinned`: no version is said, so the one this collection installs is meant."""

    name: str
    chart: str
    version: str
    pinned: bool
    values: dict[str, Any]
    # Dotted path -> "file:line"; the empty path is the whole file.
    origins: dict[str, str]
    # As what and where it is installed, where that is said.
    release: str = ""
    namespace: str = ""
    # Why it is not known what the chart gets.
    unknown: str = ""


def is_version(text: str) -> bool:
    """Return whether it is the version of a chart, and no range or part of one."""
    return bool(_VERSION.match(text))


def is_one(file: str) -> bool:
    """Return whether a file's name says that it holds values of a chart of this platform."""
    return bool(_NAME.match(file))


def chart_of(file: str) -> str:
    """Return the chart that a file's name says it holds values of, whichever chart that is; else an empty string."""
    match = _ANY.match(file)
    return match["chart"] if match else ""


def meant(file: str) -> str:
    """Return the name that was likely meant by a file of values that has none, or an empty string."""
    match = _ANY.match(file)
    if match is None:
        return ""
    import difflib

    asked = match["chart"].lower().replace("_", "-")
    close = difflib.get_close_matches(asked, _NAMES, n=1, cutoff=_CLOSE)
    part = [name for name in CHARTS if name not in _COMMON and name in re.split(r"[-.]", asked)]
    chart = (close or part or [""])[0]
    return f"{chart}{match['version'] or ''}.values.yaml" if chart else ""


def read(text: str, file: str, name: str) -> ValuesFile:
    """Read a values file. `file` is its name, `name` what messages call it. Raises ValuesError or YamlError."""
    match = _NAME.match(file)
    if match is None:
        closest = meant(file)
        raise ValuesError(
            f"{name}: its name is not <chart>.values.yaml or <chart>-<version>.values.yaml, where the charts are "
            f"{', '.join(_NAMES)}{f'. Did you mean {closest}?' if closest else ''}"
        )
    chart, version = _ALIASES.get(match["chart"], match["chart"]), match["version"] or ""
    if version and not is_version(version):
        raise ValuesError(
            f"{name}: {version} is no version of a chart; "
            f"write {match['chart']}-{versions.pinned(chart)}.values.yaml, for example"
        )
    values, origins = content(text, name)
    return ValuesFile(
        name=name,
        chart=chart,
        version=version or versions.pinned(chart),
        pinned=not version,
        values=values,
        origins=origins,
    )


def content(text: str, name: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of a file, and where each stands. Raises ValuesError or YamlError."""
    documents = strict_yaml.documents(text, name)
    if len(documents) > 1:
        raise ValuesError(f"{name}:{documents[1].line}: a second document begins here; Helm would read only one of them")
    values = documents[0].value if documents else None
    if values is not None and not isinstance(values, dict):
        raise ValuesError(f"{name}:{documents[0].line}: values of a chart are a mapping, this is a {_form(values)}")
    lines = documents[0].lines if documents else {}
    # The whole of it is at its first line: what a chart is not given stands nowhere else.
    return values or {}, {path: f"{name}:{line}" for path, line in {"": 1, **lines}.items()}


def _form(value: Any) -> str:
    return "list" if isinstance(value, list) else "text" if isinstance(value, str) else "single value"
