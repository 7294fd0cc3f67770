# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several rules about Gatekeeper ask of the evidence, said once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..evidence.bundle import Evidence, Missing
from . import facts

EXEMPT_LABEL = "admission.gatekeeper.sh/ignore"


def controller(evidence: Evidence) -> Any:
    """Return the Deployment of the webhook; without one nothing is known of policies."""
    found = evidence.api.view("gatekeeper")["controller"]
    if found is None:
        raise Missing(
            "api.gatekeeper.controller", "there is no Deployment gatekeeper-controller-manager: Gatekeeper is not installed"
        )
    return found


def installed(evidence: Evidence) -> None:
    """Raise `Missing` where a cluster has no Gatekeeper. Files are judged as they are written, with or without."""
    if not facts.of_files(evidence):
        controller(evidence)


def templates(evidence: Evidence) -> dict[str, Any]:
    """Return every ConstraintTemplate by its name; none when the API server does not know the kind."""
    found = evidence.api.view("gatekeeper")["templates"]
    return {} if found is None else dict(found.raw)


def constraints(evidence: Evidence) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every constraint with its kind and name. Without a kind there can be none.

    Raises `Missing` after the last one when a kind could not be read: what was read can be judged all the same.
    """
    found = evidence.api.view("gatekeeper")
    if "constraints" not in found and not templates(evidence):
        return
    of_kinds = found.view("constraints")
    for kind, several in of_kinds.raw.items():
        for name, one in (several or {}).items():
            yield f"{kind} {name}", one
    for template in templates(evidence).values() if "templates" in found else ():
        of_kinds.get(template["kind"])


def synced(evidence: Evidence) -> set[tuple[str, str, str]]:
    """Return group, version and kind of everything that SyncSets and Config replicate."""
    found = evidence.api.view("gatekeeper")
    sets, config = found["sync_sets"], found["config"]
    entries = [entry for one in (sets.raw.values() if sets is not None else []) for entry in one.get("gvks") or []]
    entries += ((config.raw.get("sync") or {}).get("syncOnly") or []) if config is not None else []
    return {(str(one.get("group") or ""), str(one.get("version") or ""), str(one.get("kind") or "")) for one in entries}


def denies(constraint: Mapping[str, Any]) -> bool:
    """Return whether a constraint refuses requests."""
    if constraint["action"] != "scoped":
        return bool(constraint["action"] == "deny")
    return any(
        entry["action"] == "deny" and {"validation.gatekeeper.sh", "vap.k8s.io", "*"} & set(entry["points"])
        for entry in constraint.get("scoped") or []
    )
