# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where what a finding is about stands in a file, as `file:line`: an object, or a value that somebody gives a chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..evidence.bundle import Evidence
from . import acceptance


def of_finding(evidence: Evidence, subject: str, message: str, key: str = "") -> str:
    """Return the place of the key in the object of this name, or of the object, or of a value that the finding rests on."""
    origin = _objects(evidence).get(subject)
    if origin:
        return f"{origin['file']}:{origin['lines'].get(key, origin['line'])}"
    values = evidence.values_read
    known = {path: place for path, place in values.items() if place}
    if known:
        return next((place for path, place in known.items() if path in message), next(iter(known.values())))
    if not subject.startswith("chart "):
        return ""
    path = next((path for path in values if path in message), next(iter(values), ""))
    return of_value(evidence, subject, path)


def of_value(evidence: Evidence, subject: str, path: str) -> str:
    """Return where a value that a chart (`chart <name>`) is given stands; empty where nobody knows."""
    origins = (evidence.bundle["charts"].get(subject.removeprefix("chart ")) or {}).get("origins") or {}
    # A default speaks where the file says nothing: what is nearest is the mapping that the value would stand in.
    while path and path not in origins:
        path = path.rpartition("[" if path.endswith("]") else ".")[0]
    return str(origins.get(path, ""))


def _objects(evidence: Evidence) -> Mapping[str, Any]:
    """Return the origin of each object that came from a file, by the names that findings give it; none for an ambiguous name."""
    if "origins" not in evidence.memo:
        named: dict[str, Any] = {}
        for origin in evidence.bundle["api"].get("origins") or []:
            for name in acceptance.subjects(evidence, origin):
                first = named.setdefault(name, origin)
                if first is not origin and first != origin:
                    named[name] = None
        evidence.memo["origins"] = named
    return evidence.memo["origins"]  # type: ignore[no-any-return]
