# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gatekeeper's templates and constraints, reduced to what rules need. The same for rendered objects and for live ones."""

from __future__ import annotations

import json
from typing import Any

from . import rego
from .objects import Object

_REQUIRES_SYNC = "metadata.gatekeeper.sh/requires-sync-data"


def constraint_template(item: Object) -> dict[str, Any]:
    status = item.get("status") or {}
    spec = item.get("spec") or {}
    return {
        "kind": spec.get("crd", {}).get("spec", {}).get("names", {}).get("kind", ""),
        "created": bool(status.get("created")),
        "errors": [
            f"{pod.get('id', '')}: {error.get('message', '')}"
            for pod in status.get("byPod") or []
            for error in pod.get("errors") or []
        ],
        "needs_sync": _REQUIRES_SYNC in (item["metadata"].get("annotations") or {}),
        "requires_sync": _required(item),
        "sources": [source for target in spec.get("targets") or [] for source in _sources(target)],
    }


def _required(item: Object) -> list[Any] | None:
    """Return what the template says it must have synced: all of these, each met by any kind it lists. None: it cannot be read."""
    text = str((item["metadata"].get("annotations") or {}).get(_REQUIRES_SYNC) or "[]")
    try:
        # Quoted once more, as the templates of the library are.
        found = json.loads(text.strip('\n"'))
    except (ValueError, RecursionError):
        return None
    listed = isinstance(found, list) and all(isinstance(clauses, list) for clauses in found)
    return found if listed and all(isinstance(one, dict) for clauses in found for one in clauses) else None


def _sources(target: Object) -> list[dict[str, Any]]:
    """Say of each source of a template's target where it stands and in which language it is; the text itself stays out."""
    found = []
    if target.get("rego"):
        found.append({"at": "rego", "engine": "Rego", "version": "", "syntax": rego.syntax(str(target["rego"]))})
    for one in target.get("code") or []:
        source = one.get("source") or {}
        found.append(
            {
                "at": "code",
                "engine": str(one.get("engine") or ""),
                "version": str(source.get("version") or ""),
                "syntax": rego.syntax(str(source.get("rego") or "")),
            }
        )
    return found


def constraint(item: Object) -> dict[str, Any]:
    spec, status = item.get("spec") or {}, item.get("status") or {}
    return {
        "created": item["metadata"].get("creationTimestamp") or "",
        "action": spec.get("enforcementAction") or "deny",
        # Only where the action is `scoped` does Gatekeeper read them. Null: there are none.
        "scoped": [_scoped(one) for one in spec["scopedEnforcementActions"]] if spec.get("scopedEnforcementActions") else None,
        "match": spec.get("match") or {},
        "audited": status.get("auditTimestamp"),
        "violations": status.get("totalViolations"),
        "errors": [
            f"{pod.get('id', '')}: {error.get('message', '')}"
            for pod in status.get("byPod") or []
            for error in pod.get("errors") or []
        ],
    }


def _scoped(entry: Object) -> dict[str, Any]:
    return {
        "action": str(entry.get("action") or ""),
        "points": [str(point.get("name") or "") for point in entry.get("enforcementPoints") or []],
    }
