# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of Helm values: `<chart>.values.yaml` or `<chart>-<version>.values.yaml`, the whole of what a user gives the chart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from . import strict_yaml, versions

CHARTS = tuple(versions.PROJECT_OF_CHART)
_NAME = re.compile(r"^(?P<chart>" + "|".join(CHARTS) + r")(?:-v?(?P<version>.+))?\.values\.ya?ml$")
_VERSION = re.compile(r"^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$")


class ValuesError(ValueError):
    """The file is no values file of its chart; the message begins with the file."""


@dataclass
class ValuesFile:
    """A values file; `pinned`: its name has no version, so the one this collection installs is meant."""

    name: str
    chart: str
    version: str
    pinned: bool
    values: dict[str, Any]
    # Dotted path -> "file:line"; the empty path is the whole file.
    origins: dict[str, str]


def is_one(file: str) -> bool:
    """Return whether a file's name says that it holds values of a chart of this platform."""
    return bool(_NAME.match(file))


def read(text: str, file: str, name: str) -> ValuesFile:
    """Read a values file. `file` is its name, `name` what messages call it. Raises ValuesError or YamlError."""
    match = _NAME.match(file)
    if match is None:
        raise ValuesError(f"{name}: its name is not <chart>.values.yaml or <chart>-<version>.values.yaml")
    chart, version = match["chart"], match["version"] or ""
    if version and not _VERSION.match(version):
        raise ValuesError(
            f"{name}: {version} is no version of a chart; write {chart}-{versions.pinned(chart)}.values.yaml, for example"
        )
    documents = strict_yaml.documents(text, name)
    if len(documents) > 1:
        raise ValuesError(f"{name}:{documents[1].line}: a second document begins here; Helm would read only one of them")
    values = documents[0].value if documents else None
    if values is not None and not isinstance(values, dict):
        raise ValuesError(f"{name}:{documents[0].line}: values of a chart are a mapping, this is a {_form(values)}")
    lines = documents[0].lines if documents else {}
    return ValuesFile(
        name=name,
        chart=chart,
        version=version or versions.pinned(chart),
        pinned=not version,
        values=values or {},
        # The whole of it is at its first line: what a chart is not given stands nowhere else.
        origins={path: f"{name}:{line}" for path, line in {"": 1, **lines}.items()},
    )


def _form(value: Any) -> str:
    return "list" if isinstance(value, list) else "text" if isinstance(value, str) else "single value"
