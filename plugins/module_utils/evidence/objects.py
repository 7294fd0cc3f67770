# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubernetes objects, reduced to what rules need. The same for rendered objects and for live ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Object = Mapping[str, Any]

DATAPLANE_LABEL = "istio.io/dataplane-mode"
REDIRECTION = "ambient.istio.io/redirection"
WAYPOINT_LABEL = "istio.io/use-waypoint"
CONTROL_PLANE_LABELS = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")


def name_of(item: Object) -> str:
    return str(item.get("metadata", {}).get("name", ""))


def namespace_of(item: Object) -> str:
    return str(item.get("metadata", {}).get("namespace") or "")


def node(item: Object) -> dict[str, Any]:
    status, spec = item.get("status", {}), item.get("spec", {})
    labels = item.get("metadata", {}).get("labels") or {}
    ready = next((one for one in status.get("conditions") or [] if one.get("type") == "Ready"), None)
    info = status.get("nodeInfo") or {}
    return {
        "ready": bool(ready and ready.get("status") == "True"),
        "reason": " ".join(f"{(ready or {}).get('reason', '')}: {(ready or {}).get('message', '')}".split())[:300],
        "internal_ips": [one["address"] for one in status.get("addresses") or [] if one.get("type") == "InternalIP"],
        "pod_cidrs": list(spec.get("podCIDRs") or ([spec["podCIDR"]] if spec.get("podCIDR") else [])),
        "control_plane": any(label in labels for label in CONTROL_PLANE_LABELS),
        "taints": [one.get("key", "") for one in spec.get("taints") or []],
        "unschedulable": bool(spec.get("unschedulable")),
        "zone": labels.get("topology.kubernetes.io/zone") or "",
        "kubelet": info.get("kubeletVersion", ""),
        "kernel": info.get("kernelVersion", ""),
        "os": info.get("osImage", ""),
    }


def namespace(item: Object) -> dict[str, Any]:
    annotations = item["metadata"].get("annotations") or {}
    return {
        "labels": item["metadata"].get("labels") or {},
        "dataplane_annotation": annotations.get(DATAPLANE_LABEL),
        "redirection": annotations.get(REDIRECTION),
        "phase": (item.get("status") or {}).get("phase") or "",
    }


def names_waypoint(item: Object) -> dict[str, Any]:
    """Reduce what may name a waypoint to the labels by which it does."""
    labels = item["metadata"].get("labels") or {}
    return {
        "kind": item.get("kind", ""),
        "namespace": namespace_of(item),
        "name": name_of(item),
        "labels": {key: value for key, value in labels.items() if key.startswith(WAYPOINT_LABEL)},
    }


def exposed(item: Object) -> dict[str, Any]:
    """Reduce a Service that answers outside the cluster."""
    spec = item.get("spec") or {}
    return {
        "namespace": namespace_of(item),
        "name": name_of(item),
        "type": spec.get("type", "ClusterIP"),
        "selector": spec.get("selector") or {},
        "ports": [one.get("targetPort", one.get("port")) for one in spec.get("ports") or []],
    }


def gateway(item: Object) -> dict[str, Any]:
    """Reduce a Gateway of the Gateway API."""
    conditions = (item.get("status") or {}).get("conditions") or []
    return {
        "namespace": namespace_of(item),
        "name": name_of(item),
        "class": (item.get("spec") or {}).get("gatewayClassName", ""),
        "programmed": any(one.get("type") == "Programmed" and one.get("status") == "True" for one in conditions),
    }


def monitor(item: Object) -> dict[str, Any]:
    """Reduce a ServiceMonitor or PodMonitor to where it looks. No namespace named: in its own."""
    spec = item.get("spec") or {}
    chosen = spec.get("namespaceSelector") or {}
    return {
        "kind": item.get("kind", ""),
        "namespace": namespace_of(item),
        "name": name_of(item),
        "any": bool(chosen.get("any")),
        "namespaces": chosen.get("matchNames") or [],
        "selector": spec.get("selector") or {},
    }


def resource_definition(item: Object) -> dict[str, Any]:
    """Reduce a CustomResourceDefinition to its versions, and what the Gateway API's bundle says of itself."""
    spec = item.get("spec") or {}
    return {
        **{
            key.rsplit("/", 1)[1]: value
            for key, value in (item["metadata"].get("annotations") or {}).items()
            if key.startswith("gateway.networking.k8s.io/")
        },
        "served": [str(one.get("name")) for one in spec.get("versions") or [] if one.get("served")],
        # In which there may be objects still.
        "stored": [str(one) for one in (item.get("status") or {}).get("storedVersions") or []],
    }


def ready_addresses(slices: Iterable[Object]) -> int:
    """Return how many addresses of EndpointSlices are ready."""
    ready: set[str] = set()
    for one in slices:
        for endpoint in one.get("endpoints") or []:
            if (endpoint.get("conditions") or {}).get("ready", True):
                ready.update(endpoint.get("addresses") or [])
    return len(ready)
