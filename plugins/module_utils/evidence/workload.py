# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods and what makes them, reduced to what rules need. The same for rendered objects and for live ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .objects import DATAPLANE_LABEL, REDIRECTION, Object, name_of, namespace_of
from .secret_values import redact

# What is kept of the labels of live pods: of very many pods all of them would be most of the evidence.
POD_LABELS = ("app", "k8s-app", "control-plane", DATAPLANE_LABEL, "sidecar.istio.io/inject", "istio.io/rev")
# What counts as a label, or is a status that istio-cni writes on pods: nobody is to write them as annotations.
_NO_ANNOTATIONS = (DATAPLANE_LABEL, REDIRECTION)
# Fields of a container's securityContext that a pod's has not.
_OF_CONTAINERS = ("allowPrivilegeEscalation", "capabilities", "privileged", "procMount", "readOnlyRootFilesystem")


def describe(item: Object) -> dict[str, Any]:
    """Reduce a Deployment or DaemonSet, rendered or live."""
    spec, status = item.get("spec", {}), item.get("status")
    pod = spec.get("template", {}).get("spec", {})
    containers = pod.get("containers") or []
    reduced: dict[str, Any] = {
        "kind": item.get("kind", ""),
        "name": name_of(item),
        "namespace": namespace_of(item),
        "containers": {one.get("name", ""): container(one) for one in containers},
        "init_containers": {one.get("name", ""): container(one) for one in pod.get("initContainers") or []},
        "host_network": bool(pod.get("hostNetwork")),
        "service_account": pod.get("serviceAccountName", ""),
        "annotations": {
            key: value
            for key, value in (spec.get("template", {}).get("metadata", {}).get("annotations") or {}).items()
            if "/" in key
        },
    }
    if item.get("kind") == "Deployment":
        reduced["replicas"] = spec.get("replicas")
    if status is not None:
        daemon = item.get("kind") == "DaemonSet"
        reduced["status"] = {
            "wanted": int(status.get("desiredNumberScheduled" if daemon else "replicas") or 0),
            "ready": int(status.get("numberReady" if daemon else "readyReplicas") or 0),
            "updated": int(status.get("updatedNumberScheduled" if daemon else "updatedReplicas") or 0),
            "seen_generation": int(status.get("observedGeneration") or 0),
            "generation": int(item.get("metadata", {}).get("generation") or 0),
        }
    return reduced


def pods_of(item: Object) -> dict[str, Any]:
    """Reduce whatever makes pods to how many there are to be, by which labels they are found, and what is wrong with them."""
    spec = item.get("spec") or {}
    template = spec.get("template") or {}
    meta = template.get("metadata") or {}
    annotations = meta.get("annotations") or {}
    security = (template.get("spec") or {}).get("securityContext") or {}
    reduced = {
        "kind": item.get("kind", ""),
        "namespace": namespace_of(item),
        "name": name_of(item),
        "labels": meta.get("labels") or {},
        "dataplane_annotations": {key: str(value) for key, value in annotations.items() if key in _NO_ANNOTATIONS},
        # The API server knows these of containers only, and leaves them out; so only what is written can show them.
        "container_fields": [field for field in _OF_CONTAINERS if field in security],
    }
    own = {
        key: {name: str(value) for name, value in (item.get("metadata", {}).get(key) or {}).items() if name in _NO_ANNOTATIONS}
        for key in ("labels", "annotations")
    }
    if any(own.values()):
        # Of the object itself, which its pods do not get.
        reduced["own"] = own
    if (template.get("spec") or {}).get("hostNetwork"):
        reduced["host_network"] = True
    if item.get("kind") != "DaemonSet":
        reduced["replicas"] = int(1 if spec.get("replicas") is None else spec["replicas"])
    return reduced


def container(item: Object) -> dict[str, Any]:
    return {
        "image": item.get("image", ""),
        "args": [redact(str(one)) for one in [*(item.get("command") or []), *(item.get("args") or [])]],
        # Only plain values: what comes from a Secret or ConfigMap is named there, not here.
        "env": redact({one["name"]: one["value"] for one in item.get("env") or [] if isinstance(one.get("value"), str)}),
    }


def arguments(reduced: Mapping[str, Any], name: str) -> list[str]:
    """Return every value of a `--name=value` argument of a container."""
    return [one.split("=", 1)[1] for one in reduced.get("args", []) if one.startswith(f"--{name}=")]


def autoscaler(item: Object) -> dict[str, Any]:
    spec, status = item.get("spec") or {}, item.get("status")
    target = spec.get("scaleTargetRef") or {}
    reduced: dict[str, Any] = {
        "name": name_of(item),
        "namespace": namespace_of(item),
        "target": target.get("name") or "",
        "target_kind": target.get("kind") or "",
        "min": 1 if spec.get("minReplicas") is None else spec["minReplicas"],
        "max": spec.get("maxReplicas"),
    }
    if status is not None:
        reduced["current"] = status.get("currentReplicas")
        reduced["wanted"] = status.get("desiredReplicas")
    return reduced


def pod(item: Object) -> dict[str, Any]:
    meta, spec, status = item.get("metadata", {}), item.get("spec", {}), item.get("status", {})
    annotations = meta.get("annotations") or {}
    condition = next(
        (one for one in status.get("conditions") or [] if one.get("type") == "Ready" and one.get("status") == "True"), None
    )
    return {
        "name": meta.get("name", ""),
        "uid": meta.get("uid", ""),
        "node": spec.get("nodeName", ""),
        "phase": status.get("phase", ""),
        "ready": condition is not None,
        "ready_since": condition.get("lastTransitionTime") if condition else None,
        "deleting": "deletionTimestamp" in meta,
        "host_network": bool(spec.get("hostNetwork")),
        "host_ports": sorted(
            {
                port["hostPort"]
                for one in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
                for port in one.get("ports") or []
                if port.get("hostPort")
            }
        ),
        "labels": meta.get("labels") or {},
        "redirection": annotations.get(REDIRECTION),
        "sidecar": "sidecar.istio.io/status" in annotations,
        "dataplane_annotation": annotations.get(DATAPLANE_LABEL),
        # By the API server's clock; "started" is by the node's.
        "created": meta.get("creationTimestamp"),
        "started": status.get("startTime"),
        "owner": next((f"{one.get('kind')}/{one.get('name')}" for one in meta.get("ownerReferences") or []), ""),
    }
