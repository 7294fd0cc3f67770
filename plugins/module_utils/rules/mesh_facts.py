# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rules about policies of the mesh ask of the evidence, said once."""

from __future__ import annotations

from typing import Any

from ..evidence.bundle import Evidence, Missing
from ..evidence.objects import WAYPOINT_LABEL
from . import facts
from .facts import AMBIENT


def enrolled(evidence: Evidence) -> list[str]:
    """Return the namespaces that are in the mesh."""
    namespaces = evidence.api.view("namespaces")
    if "enrolled namespaces" not in evidence.memo:
        of_all = namespaces.raw
        evidence.memo["enrolled namespaces"] = sorted(name for name in of_all if of_all[name]["labels"].get(AMBIENT) == "ambient")
        evidence.memo["every enrolled"] = frozenset(evidence.memo["enrolled namespaces"])
    return evidence.memo["enrolled namespaces"]  # type: ignore[no-any-return]


def whole(evidence: Evidence) -> frozenset[str]:
    """Return the same, to ask whether one is among them."""
    enrolled(evidence)
    return evidence.memo["every enrolled"]  # type: ignore[no-any-return]


def single(evidence: Evidence) -> dict[str, list[dict[str, Any]]]:
    """Return the pods that are in the mesh by a label of their own, by their namespaces, which are not enrolled.

    None where pods could not be read: `insist` says so, once what is seen was judged.
    """
    if "single pods" not in evidence.memo:
        # ztunnel captures no pod of the node's network.
        inside = {name: [pod for pod in pods if not pod.get("host_network")] for name, pods in _alone(evidence).items()}
        evidence.memo["single pods"] = {name: pods for name, pods in inside.items() if pods}
    return evidence.memo["single pods"]  # type: ignore[no-any-return]


def _alone(evidence: Evidence) -> dict[str, list[dict[str, Any]]]:
    """Return the pods that a label of their own is to put into the mesh, by their namespaces, which are not enrolled."""
    among = whole(evidence)
    found: dict[str, list[dict[str, Any]]] = {}
    # Of files, what makes pods says which labels they will have.
    key = "workloads" if facts.of_files(evidence) else "enrolled_pods"
    for pod in evidence.api.view(key).raw if key in evidence.api else []:
        if pod["labels"].get(AMBIENT) == "ambient" and pod["namespace"] not in among:
            found.setdefault(pod["namespace"], []).append(pod)
    return found


def meant(evidence: Evidence) -> dict[str, list[dict[str, Any]]]:
    """Return the pods of a cluster that labels are to put into the mesh, by their namespaces: their own label wins.

    Those on the node's network and those with a sidecar are among them, though ztunnel leaves them alone.
    """
    if "meant pods" not in evidence.memo:
        pods = evidence.api.view("pods")
        found = {
            name: [pod for pod in pods.view(name).raw if pod["labels"].get(AMBIENT) != "none"] for name in enrolled(evidence)
        }
        evidence.memo["meant pods"] = {**found, **_alone(evidence)}
    return evidence.memo["meant pods"]  # type: ignore[no-any-return]


def with_enrolled(evidence: Evidence) -> list[str]:
    """Return the namespaces that are in the mesh, or have a pod that is."""
    return sorted({*enrolled(evidence), *single(evidence)})


def insist(evidence: Evidence) -> None:
    """Insist that it was seen which pods are in the mesh by a label of their own. Files have no pods but those they make."""
    if not facts.of_files(evidence):
        evidence.api.view("enrolled_pods")


def setting(evidence: Evidence, key: str, default: Any) -> Any:
    """Return a setting of the mesh: as it runs, or, of files, as istiod's values plan it."""
    if not facts.of_files(evidence) or "istio" in evidence.api:
        return evidence.api.view("istio").view("mesh_config").find(key, default)
    if "istiod" in evidence.charts:
        return facts.effective(evidence, "chart istiod").find(f"meshConfig.{key}", default)
    raise Missing("charts.istiod", "there are no values of istiod, which may set it")


def root(evidence: Evidence) -> str:
    if facts.of_files(evidence) and "istiod" not in evidence.charts:
        # Its default; files without istiod are taken for those of a mesh as the roles install it.
        return str(evidence.api.view("namespaces_of")["istiod"])
    return str(setting(evidence, "rootNamespace", "istio-system"))


def leave_open(evidence: Evidence) -> None:
    """Raise `Missing` where files have policies without the namespaces they are in. A cluster knows them all."""
    if not facts.of_files(evidence):
        return
    there = {str(one["namespace"]) for several in evidence.api.view("policies").raw.values() for one in several}
    open_ones = sorted(there - {"", *evidence.api.view("namespaces"), root(evidence)})
    if open_ones:
        raise Missing(
            "api.namespaces", f"whether {facts.listed(open_ones, 4)} is in the mesh its Namespace says, which is not there"
        )


def mode(policy: dict[str, Any]) -> str:
    """Return the mode of a PeerAuthentication."""
    return str((policy["spec"].get("mtls") or {}).get("mode") or "UNSET")


def port_modes(policy: dict[str, Any]) -> dict[str, str]:
    """Return the modes a PeerAuthentication sets for single ports."""
    return {str(port): str(one.get("mode") or "UNSET") for port, one in (policy["spec"].get("portLevelMtls") or {}).items()}


def of_workloads(policy: dict[str, Any]) -> bool:
    return bool((policy["spec"].get("selector") or {}).get("matchLabels"))


def wide_mode(evidence: Evidence, namespace: str) -> str:
    """Return the mode that PeerAuthentications without a selector set for a namespace: its own, else that of the mesh."""
    every = facts.policies(evidence, "peer_authentications")
    for place in (namespace, root(evidence)):
        modes = {mode(one) for one in every if one["namespace"] == place and not of_workloads(one)}
        if len(modes) > 1:
            raise Missing(
                "api.policies.peer_authentications",
                f"{place} has several for all of it; which is the oldest is not in the evidence",
            )
        if modes - {"UNSET"}:
            return modes.pop()
    return "UNSET"


def strict(evidence: Evidence) -> list[str]:
    """Return the namespaces whose pods of the mesh let no plain text in, unless a policy for workloads says otherwise."""
    return [name for name in with_enrolled(evidence) if wide_mode(evidence, name) == "STRICT"]


def waypoint_of(evidence: Evidence, namespace: str) -> tuple[str, str] | None:
    """Return the waypoint that a namespace is behind, or None. Of files its Namespace may not be among them."""
    namespaces = evidence.api.view("namespaces").raw
    return waypoint(namespaces[namespace]["labels"], namespace) if namespace in namespaces else None


def waypoint(labels: Any, namespace: str) -> tuple[str, str] | None:
    """Return namespace and name of the waypoint that these labels name. The name `none` stands for no waypoint."""
    name = labels.get(WAYPOINT_LABEL)
    return None if name in (None, "", "none") else (str(labels.get(f"{WAYPOINT_LABEL}-namespace") or namespace), str(name))
