# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubernetes objects, reduced to what rules need. The same for rendered objects and for live ones."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from . import called_services, certificate, disruption_budget, rego

Object = Mapping[str, Any]

DATAPLANE_LABEL = "istio.io/dataplane-mode"
REDIRECTION = "ambient.istio.io/redirection"
WAYPOINT_LABEL = "istio.io/use-waypoint"
# What is kept of the labels of live pods: of very many pods all of them would be most of the evidence.
POD_LABELS = ("app", "k8s-app", "control-plane", DATAPLANE_LABEL, "sidecar.istio.io/inject", "istio.io/rev")
CONTROL_PLANE_LABELS = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")

_REDACTED = "<redacted>"
_SECRET_NAME = re.compile(r"(?i)(passw|token$|secret$|secretkey|privatekey|credential|apikey|api_key|bearer|(^|[._])(ca)?key$)")
_SECRET_TEXT = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# user:password@ of a URL.
_URL_LOGIN = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
# "-----BEGIN" in base64.
_ENCODED = "LS0tLS1CRUdJTi"
# `key` is also the word for the name of a label, in selectors and tolerations.
_LABEL_LIKE = re.compile(r"^[\w./-]{1,120}$")
_REQUIRES_SYNC = "metadata.gatekeeper.sh/requires-sync-data"
# What counts as a label, or is a status that istio-cni writes on pods: nobody is to write them as annotations.
_NO_ANNOTATIONS = (DATAPLANE_LABEL, REDIRECTION)
# Fields of a container's securityContext that a pod's has not.
_OF_CONTAINERS = ("allowPrivilegeEscalation", "capabilities", "privileged", "procMount", "readOnlyRootFilesystem")
_LABEL_KEYS = ("label_key", "labelkey", "taintkey")


def redact(value: Any, name: str = "") -> Any:
    """Replace what looks like a secret in given values."""
    if isinstance(value, Mapping):
        return {key: redact(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(inner, name) for inner in value]
    if isinstance(value, str) and value:
        if _SECRET_TEXT.search(value) or (_ENCODED in value and _SECRET_TEXT.search(_decoded(value))):
            return _REDACTED
        if _SECRET_NAME.search(name) and not ((name == "key" or name.lower().endswith(_LABEL_KEYS)) and _LABEL_LIKE.match(value)):
            return _REDACTED
        return _URL_LOGIN.sub(_REDACTED, value)
    return value


def _decoded(text: str) -> str:
    """Decode what may be base64 of a PEM text, as far as it is."""
    start = text[text.index(_ENCODED) :]
    start = re.match(r"[A-Za-z0-9+/]*", start)[0]  # type: ignore[index]
    return base64.b64decode(start[: len(start) // 4 * 4]).decode(errors="replace")


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


def workload(item: Object) -> dict[str, Any]:
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
    if item.get("kind") != "DaemonSet":
        reduced["replicas"] = int(1 if spec.get("replicas") is None else spec["replicas"])
    return reduced


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


def webhooks(item: Object) -> list[dict[str, Any]]:
    """Return the webhooks of a configuration object."""
    kind = "mutating" if str(item.get("kind", "")).startswith("Mutating") else "validating"
    found = []
    for one in item.get("webhooks") or []:
        client = one.get("clientConfig") or {}
        entry: dict[str, Any] = {
            "kind": kind,
            "configuration": name_of(item),
            "name": one.get("name", ""),
            "failure_policy": one.get("failurePolicy") or "Fail",
            "timeout": 10 if one.get("timeoutSeconds") is None else one["timeoutSeconds"],
            "rules": [
                {
                    "groups": rule.get("apiGroups") or [],
                    "resources": rule.get("resources") or [],
                    "operations": rule.get("operations") or [],
                }
                for rule in one.get("rules") or []
            ],
            "namespace_selector": one.get("namespaceSelector") or {},
            "object_selector": one.get("objectSelector") or {},
            "match_conditions": [condition.get("expression", "") for condition in one.get("matchConditions") or []],
            "service": called_services.named(client.get("service")),
            "ca_bundle": None,
        }
        if client.get("caBundle"):
            try:
                entry["ca_bundle"] = certificate.describe_base64(client["caBundle"])
            except certificate.CertificateError as error:
                entry["ca_bundle_error"] = str(error)
        found.append(entry)
    return found


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


def admission_policy(item: Object) -> dict[str, Any]:
    """Reduce a ValidatingAdmissionPolicy to what it covers, by which parameters, and what it does without an answer."""
    spec = item.get("spec") or {}
    param, match = spec.get("paramKind") or {}, spec.get("matchConstraints") or {}

    def rules(key: str) -> list[dict[str, Any]]:
        return [{"groups": one.get("apiGroups") or [], "resources": one.get("resources") or []} for one in match.get(key) or []]

    return {
        "name": name_of(item),
        "failure_policy": spec.get("failurePolicy") or "Fail",
        "param_group": str(param.get("apiVersion") or "").partition("/")[0],
        "param_kind": str(param.get("kind") or ""),
        "rules": rules("resourceRules"),
        "excluded": rules("excludeResourceRules"),
        "namespace_selector": match.get("namespaceSelector") or {},
        "object_selector": match.get("objectSelector") or {},
        "match_conditions": [one.get("expression", "") for one in spec.get("matchConditions") or []],
    }


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


def ready_addresses(slices: Iterable[Object]) -> int:
    """Return how many addresses of EndpointSlices are ready."""
    ready: set[str] = set()
    for one in slices:
        for endpoint in one.get("endpoints") or []:
            if (endpoint.get("conditions") or {}).get("ready", True):
                ready.update(endpoint.get("addresses") or [])
    return len(ready)


def rendered(documents: Iterable[Any]) -> dict[str, Any]:
    """Reduce what a chart renders. Of its Secrets only the names are kept."""
    reduced: dict[str, Any] = {
        "workloads": {},
        "autoscalers": {},
        "budgets": {},
        "webhooks": [],
        "config_maps": {},
        "secrets": [],
    }
    for item in documents:
        if not isinstance(item, Mapping):
            continue
        kind, name = item.get("kind"), name_of(item)
        if kind in ("Deployment", "DaemonSet"):
            reduced["workloads"][name] = workload(item)
        elif kind == "HorizontalPodAutoscaler":
            reduced["autoscalers"][name] = autoscaler(item)
        elif kind == "PodDisruptionBudget":
            reduced["budgets"][name] = disruption_budget.describe(item)
        elif kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
            reduced["webhooks"].extend(webhooks(item))
        elif kind == "ConfigMap" and name in ("cilium-config", "istio", "istio-cni-config"):
            reduced["config_maps"][name] = redact(item.get("data") or {})
        elif kind == "Secret":
            reduced["secrets"].append(name)
    return reduced
